"""UNIT's step written out, what its domains share, and what is left of its noise after training."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.checkpoints import load_weights
from models.translation.domains import Domains, ImageShapes, array_domain
from models.translation.families.unit import UNIT, build_networks, draws, translate
from models.translation.families.unit_config import UnitConfig, UnitLosses
from models.translation.images import to_bytes, to_floats
from models.translation.networks.configs import UnitDiscriminatorConfig, UnitGeneratorConfig
from models.translation.refining import refine
from models.translation.training import Hooks, train_refiner
from models.translation.updating import discriminator_objective, generator_objective
from tests.models.translation.objectives import CONFIGS, make_batch, make_learners

TINY = UnitConfig(
    generator=UnitGeneratorConfig(filters=2, blocks=1),
    discriminator=UnitDiscriminatorConfig(filters=2, scales=(1, 2)),
    epochs=None,
    steps=3,
    device="cpu",
    precision="fp32",
)
STILL = replace(TINY, generator=replace(TINY.generator, dropout=0.0))
NOISES = ("noise_a", "noise_b", "noise_cycle_a", "noise_cycle_b")


def make_networks(config: UnitConfig = STILL) -> nn.ModuleDict:
    """Of weights ten times as large as UNIT's, so that the noise is not all that is left of such narrow codes."""
    torch.manual_seed(0)
    networks = build_networks(config)
    with torch.no_grad():
        for weight in networks.parameters():
            weight.mul_(10)
    return networks


def noisy_batch(*, batch: int = 1) -> dict[str, Tensor]:
    torch.manual_seed(1)
    images = {name: torch.rand(batch, 3, 32, 40) * 2 - 1 for name in ("real_a", "real_b")}
    return images | {name: torch.randn(batch, 8, 8, 10) for name in NOISES}


def test_a_step_is_the_papers_two_autoencoders_and_their_cycles_written_out():
    networks, batch = make_networks(), noisy_batch(batch=2)
    found = translate(networks, batch, STILL)

    def encode(domain: str, image: Tensor) -> Tensor:
        return networks["shared_encoder"](networks[f"encoder_{domain}"](image))

    def decode(domain: str, code: Tensor) -> Tensor:
        return networks[f"decoder_{domain}"](networks["shared_decoder"](code))

    for domain, other in (("a", "b"), ("b", "a")):
        code = encode(domain, batch[f"real_{domain}"])
        noisy = code + batch[f"noise_{domain}"]
        fake = decode(other, noisy)
        cycle_code = encode(other, fake)
        rec = decode(domain, cycle_code + batch[f"noise_cycle_{domain}"])
        expected = {
            f"code_{domain}": code,
            f"idt_{domain}": decode(domain, noisy),
            f"fake_{other}": fake,
            f"cycle_code_{domain}": cycle_code,
            f"rec_{domain}": rec,
        }
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.parametrize("noise", NOISES)
def test_every_noise_changes_what_is_behind_it_and_nothing_else(noise):
    networks, batch = make_networks(), noisy_batch()
    before = translate(networks, batch, STILL)
    after = translate(networks, batch | {noise: batch[noise] + 1.0}, STILL)
    made = {name for name in before if name not in batch}
    changed = {name for name in made if not torch.allclose(before[name], after[name], rtol=1e-4, atol=1e-5)}
    of_a = {"idt_a", "fake_b", "cycle_code_a", "rec_a"}
    of_b = {"idt_b", "fake_a", "cycle_code_b", "rec_b"}
    behind = {"noise_a": of_a, "noise_b": of_b, "noise_cycle_a": {"rec_a"}, "noise_cycle_b": {"rec_b"}}
    assert changed == behind[noise]


def test_the_noise_of_a_step_is_normal_and_as_large_as_the_codes():
    shapes = ImageShapes((64, 96))
    config = UnitConfig(batch_size=2)
    assert {draw.name: draw.shape for draw in draws(config, shapes)} == dict.fromkeys(
        NOISES, (2, 256, 16, 24)
    )
    assert all(draw.kind == "normal" for draw in draws(config, shapes))


def test_an_image_of_one_domain_teaches_the_shared_blocks_and_nothing_that_is_the_others_own():
    networks, batch = make_networks(), noisy_batch()
    optimizer = torch.optim.Adam(networks.parameters(), lr=1e-2)
    before = {name: value.clone() for name, value in networks.state_dict().items()}
    (translate(networks, batch, STILL)["idt_a"] - batch["real_a"]).abs().mean().backward()
    optimizer.step()
    moved = {
        name.split(".")[0]
        for name, value in networks.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert moved == {"encoder_a", "shared_encoder", "shared_decoder", "decoder_a"}


def test_the_generators_minimise_the_papers_sum_of_losses():
    config = CONFIGS["unit"]
    learners, batch = make_learners(config), make_batch(config)
    values, losses, total = generator_objective(learners, batch, "free")

    def bce(domain: str) -> Tensor:
        """Of all scales, for being taken for real."""
        scores = learners.networks[f"discriminator_{domain}"](values[f"fake_{domain}"])
        assert len(scores) == 2
        return sum(
            functional.binary_cross_entropy(score.sigmoid(), torch.ones_like(score)) for score in scores
        )

    expected = 0.0
    for domain in "ab":
        real = values[f"real_{domain}"]
        expected += 10 * bce(domain)
        expected += 100 * functional.l1_loss(values[f"idt_{domain}"], real)
        expected += 100 * functional.l1_loss(values[f"rec_{domain}"], real)
        codes = values[f"code_{domain}"], values[f"cycle_code_{domain}"]
        expected += sum(0.1 * functional.mse_loss(code, torch.zeros_like(code)) for code in codes)
    torch.testing.assert_close(total, expected, rtol=1e-5, atol=0)
    assert losses.keys() == {
        *("adversarial_fake_a", "adversarial_fake_b", "cycle_pixel", "self_reconstruction_pixel"),
        *("kl", "cycle_kl"),
    }


def test_the_discriminators_minimise_cross_entropies_of_all_scales():
    config = CONFIGS["unit"]
    learners, batch = make_learners(config), make_batch(config)
    fake, real = batch["real_b"].flip(-1), batch["real_a"]
    found = discriminator_objective(
        learners, UNIT.adversaries[0], {"real_a": real, "pooled": fake, "fake_a": fake}, "free"
    )
    judge, expected = learners.networks["discriminator_a"], torch.zeros(())
    for is_real, image in ((1.0, real), (0.0, fake)):
        for scores in judge(image):
            expected = expected + functional.binary_cross_entropy_with_logits(
                scores, torch.full_like(scores, is_real)
            )
    torch.testing.assert_close(found, expected)


def test_its_defaults_are_the_papers():
    config = UnitConfig()
    losses, adam = config.losses, (config.learning_rate, config.adam_beta1, config.adam_beta2)
    assert (losses.adversarial, losses.self_reconstruction_pixel, losses.cycle_pixel) == (10, 100, 100)
    assert (losses.kl, losses.cycle_kl, losses.perceptual) == (0.1, 0.1, 0)
    assert adam == (1e-4, 0.5, 0.999) and (config.weight_decay, config.batch_size) == (1e-4, 1)
    assert (config.adversarial.loss, config.pool_images) == ("cross_entropy", 0)
    torch.manual_seed(0)
    weights = (
        build_networks(UnitConfig(generator=UnitGeneratorConfig(filters=16)))["encoder_a"].layers[3].weight
    )
    assert weights.std().item() == pytest.approx(0.02, rel=0.05)


def crops(count: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 36, 3), dtype=np.uint8)


def test_both_directions_translate_by_the_mean_of_the_code_without_noise_and_dropout():
    domains = Domains(array_domain("day", crops(4)), array_domain("night", crops(3, seed=1)))
    state = train_refiner(TINY, domains, seed=0, resume=None, hooks=Hooks())
    networks = build_networks(TINY)
    load_weights(networks, state["networks"])
    networks.eval()
    given = crops(3, seed=7)
    image = to_floats(torch.from_numpy(given).permute(0, 3, 1, 2))
    for source, target in ("ab", "ba"):
        found, again = (
            refine(state, given, direction=f"{source}_to_{target}", device="cpu", precision="fp32")
            for _ in range(2)
        )
        assert np.array_equal(found, again)
        with torch.no_grad():
            code = networks["shared_encoder"](networks[f"encoder_{source}"](image))
            expected = to_bytes(networks[f"decoder_{target}"](networks["shared_decoder"](code)))
        np.testing.assert_allclose(found.astype(int), expected.permute(0, 2, 3, 1).numpy(), atol=1)


def test_a_training_has_other_noise_in_every_step():
    # Without learning, flips and dropout, and with one image a domain, only the noise differs between steps.
    config = replace(STILL, learning_rate=1e-12, flip_probability=0.0, report_every_steps=1)
    domains = Domains(array_domain("day", crops(1)), array_domain("night", crops(1, seed=1)))
    state = train_refiner(config, domains, seed=0, resume=None, hooks=Hooks())
    assert len({entry["self_reconstruction_pixel"] for entry in state["history"]}) == 3
    assert len({round(entry["kl"], 6) for entry in state["history"]}) == 1  # taken before the noise


def test_a_term_of_weight_0_is_left_out():
    losses = UnitLosses(kl=0.0, cycle_kl=0.0, cycle_pixel=0.0)
    assert [term.name for term in UNIT.list_terms(replace(TINY, losses=losses))] == [
        "self_reconstruction_pixel"
    ]

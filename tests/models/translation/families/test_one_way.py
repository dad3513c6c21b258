import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.translation.domains import ImageShapes
from models.translation.families.family import Draw
from models.translation.families.one_way import ONE_WAY, PatchHead, sample_patches
from models.translation.families.one_way_config import OneWayConfig, OneWayLosses
from models.translation.networks.configs import ContrastConfig, DiscriminatorConfig, GeneratorConfig

CUT = OneWayConfig(
    generator=GeneratorConfig(filters=2, blocks=2),
    discriminator=DiscriminatorConfig(filters=2),
    losses=OneWayLosses(contrast=1.0, identity_contrast=1.0),
    contrast=ContrastConfig(patches=6, embedding=5),
)


def places(numbers: list[float], *, of: int) -> list[float]:
    """Where the numbers lead to in a row of `of` places."""
    row = torch.arange(float(of)).view(1, 1, 1, of)
    return sample_patches(row, torch.tensor(numbers)).flatten().tolist()


def test_every_number_names_a_place_in_its_own_share():
    # shares of two places each: 0 1 | 2 3 | 4 5 | 6 7
    assert places([0.0, 0.5, 0.99, 0.49], of=8) == [0, 3, 5, 6]
    # 0 1 2 | 3 4 5 | 6 7 8 9
    assert places([0.0, 0.5, 0.99], of=10) == [0, 4, 9]


def test_a_number_next_to_1_names_the_last_place():
    largest = np.nextafter(np.float32(1), np.float32(0))
    numbers = [0.0] * 255 + [float(largest)]
    assert places(numbers, of=256 * 256)[-1] == 256 * 256 - 1


@pytest.mark.parametrize("of", [3, 4])
def test_a_small_layer_gives_all_its_places_once(of):
    assert places([0.3, 0.2, 0.9, 0.6], of=of) == list(range(of))


def test_no_place_comes_twice_and_every_place_comes():
    rng, seen = np.random.default_rng(0), set()
    for _ in range(200):
        chosen = places(rng.random(64).tolist(), of=100)
        assert len(set(chosen)) == len(chosen) == 64
        seen |= set(chosen)
    assert seen == set(range(100))


def test_patches_are_of_the_same_places_in_every_image_and_channels_stay_together():
    features = torch.rand(2, 3, 4, 5)
    found = sample_patches(features, torch.tensor([0.0, 0.5]))  # places 0 and 15: row 3, column 0
    assert torch.equal(found[:, 0], features[:, :, 0, 0])
    assert torch.equal(found[:, 1], features[:, :, 3, 0])


def test_a_head_gives_unit_vectors_of_two_layers():
    torch.manual_seed(0)
    head, patches = PatchHead(4, 3), torch.randn(2, 5, 4)
    first, second = head.layers[0], head.layers[2]
    assert isinstance(first, nn.Linear)
    assert isinstance(second, nn.Linear)
    hidden = np.maximum(patches.numpy() @ first.weight.detach().numpy().T + first.bias.detach().numpy(), 0)
    expected = hidden @ second.weight.detach().numpy().T + second.bias.detach().numpy()
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    np.testing.assert_allclose(head(patches).detach().numpy(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("generator", "widths"),
    [
        (GeneratorConfig(filters=8, blocks=9), [3, 16, 32, 32, 32]),  # image, two halvings, blocks 1 and 5
        (GeneratorConfig(filters=8, blocks=1), [3, 16, 32, 32]),
        (GeneratorConfig(filters=8, blocks=3, downsamplings=0), [3, 8, 8]),
    ],
)
def test_the_compared_layers_have_the_widths_that_the_heads_are_built_for(generator, widths):
    networks = ONE_WAY.build_networks(replace(CUT, generator=generator))
    features = networks["a_to_b"].features(torch.rand(1, 3, 32, 32))
    assert [feature.shape[1] for feature in features] == widths
    assert [head.layers[0].in_features for head in networks["heads"]] == widths


def test_compared_layers_are_the_generators_own_activations():
    torch.manual_seed(0)
    generator = ONE_WAY.build_networks(replace(CUT, generator=GeneratorConfig(filters=2, blocks=6)))["a_to_b"]
    image, caught = torch.rand(1, 3, 32, 32), []
    modules = [generator.encoder[4], generator.encoder[7], generator.transformer[0], generator.transformer[4]]
    for module in modules:
        module.register_forward_hook(lambda module, inputs, output: caught.append(output.clone()))
    generator(image)
    expected = [image, *caught]
    for found, activation in zip(generator.features(image), expected, strict=True):
        assert torch.equal(found, activation)


@pytest.mark.parametrize(("term", "before", "after"), [(0, "real_a", "fake_b"), (1, "real_b", "idt_b")])
def test_a_contrast_is_the_mean_over_layers_of_finding_each_output_patch_in_the_input(term, before, after):
    torch.manual_seed(0)
    networks = ONE_WAY.build_networks(CUT)
    for parameter in networks.parameters():
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter)
    values = {name: torch.rand(2, 3, 32, 32) for name in ("real_a", "fake_b", "real_b", "idt_b")}
    values |= {f"patches_{name}": torch.rand(5, 6) for name in ("fake_b", "idt_b")}
    losses = []
    with torch.no_grad():
        inputs, outputs = (networks["a_to_b"].features(values[name]) for name in (before, after))
        for head, key, query, numbers in zip(
            networks["heads"], inputs, outputs, values[f"patches_{after}"], strict=False
        ):
            keys, queries = (head(sample_patches(feature, numbers)).numpy() for feature in (key, query))
            for one_keys, one_queries in zip(keys, queries, strict=True):
                logits = one_queries @ one_keys.T / 0.07
                losses.append(np.mean(np.log(np.exp(logits).sum(1)) - np.diag(logits)))
    found = ONE_WAY.list_terms(CUT)[term]
    assert found.measure(networks, values).item() == pytest.approx(np.mean(losses), rel=1e-4)


def test_the_contrast_of_unlike_images_is_near_that_of_guessing():
    torch.manual_seed(0)
    networks = ONE_WAY.build_networks(CUT)
    values = {"real_a": torch.rand(1, 3, 32, 32), "fake_b": torch.rand(1, 3, 32, 32)}
    values |= {"patches_fake_b": torch.rand(5, 6)}
    guessing = ONE_WAY.list_terms(CUT)[0].measure(networks, values).item()
    finding = ONE_WAY.list_terms(CUT)[0].measure(networks, {**values, "fake_b": values["real_a"]}).item()
    assert finding < math.log(6) < guessing


MIRRORING = replace(CUT, contrast=ContrastConfig(patches=6, embedding=5, mirror=True))
SECOND_OF_TWO = torch.tensor([0.5, 0.49]).view(2, 1, 1, 1)  # below one half is mirrored


def test_some_images_pass_the_generator_mirrored_and_come_back_upright():
    networks = ONE_WAY.build_networks(MIRRORING)
    batch = {"real_a": torch.rand(2, 3, 32, 32), "real_b": torch.rand(2, 3, 32, 32), "mirror": SECOND_OF_TWO}
    values, a_to_b = ONE_WAY.translate(networks, batch, MIRRORING), networks["a_to_b"]
    for output, name in (("fake_b", "real_a"), ("idt_b", "real_b")):
        upright, mirrored = a_to_b(batch[name][:1]), a_to_b(batch[name][1:].flip(3)).flip(3)
        torch.testing.assert_close(values[output], torch.cat((upright, mirrored)))
        assert not torch.allclose(mirrored, a_to_b(batch[name][1:]), atol=1e-4)


def test_features_of_mirrored_images_are_compared_where_they_would_lie_upright():
    networks = ONE_WAY.build_networks(MIRRORING)
    generator, image = networks["a_to_b"], torch.rand(1, 3, 32, 32)
    values = {"real_a": image, "fake_b": image, "patches_fake_b": torch.rand(5, 6)}
    measure = ONE_WAY.list_terms(MIRRORING)[0].measure
    with torch.no_grad():
        # A generator whose features mirror with the image finds every patch; most of this one's nearly do.
        shown = {**values, "mirror": SECOND_OF_TWO[1:]}
        mirrored = [feature.flip(3) for feature in generator.features(image.flip(3))]
        losses = []
        for head, key, query, numbers in zip(
            networks["heads"], generator.features(image), mirrored, values["patches_fake_b"], strict=False
        ):
            keys, queries = (head(sample_patches(feature, numbers))[0].numpy() for feature in (key, query))
            logits = queries @ keys.T / 0.07
            losses.append(np.mean(np.log(np.exp(logits).sum(1)) - np.diag(logits)))
        assert measure(networks, shown).item() == pytest.approx(np.mean(losses), rel=1e-4)
        assert measure(networks, shown).item() > measure(networks, values).item()


def test_mirrors_are_drawn_for_each_image_and_only_where_they_are_asked_for():
    assert Draw("mirror", (4, 1, 1, 1)) in ONE_WAY.draws(
        replace(MIRRORING, batch_size=4), ImageShapes((32, 32))
    )
    assert "mirror" not in [draw.name for draw in ONE_WAY.draws(CUT, ImageShapes((32, 32)))]


def test_the_identity_is_the_generators_own_image_of_the_real_domain():
    torch.manual_seed(0)
    networks = ONE_WAY.build_networks(CUT)
    batch = {name: torch.rand(2, 3, 32, 32) for name in ("real_a", "real_b")}
    values = ONE_WAY.translate(networks, batch, CUT)
    torch.testing.assert_close(values["fake_b"], networks["a_to_b"](batch["real_a"]))
    torch.testing.assert_close(values["idt_b"], networks["a_to_b"](batch["real_b"]))
    assert set(networks) == {"a_to_b", "discriminator_b", "heads"}
    plain = replace(CUT, losses=OneWayLosses(identity_pixel=1.0))
    assert set(ONE_WAY.build_networks(plain)) == {"a_to_b", "discriminator_b"}
    assert "idt_b" not in ONE_WAY.translate(networks, batch, plain)

import shutil

import pytest
import yaml

from tasks.artifacts.canonical import digest_file
from tasks.artifacts.store import Store
from tasks.sites.backgrounds import list_backgrounds
from tasks.sites.photo_watch import Photo
from tasks.sites.site_versions import assemble_site_version, plan_site_version, site_content, site_file
from tests.flows.tiny_site import write_tiny_site


class Slots:
    def __enter__(self):
        return None

    def __exit__(self, *ended):
        return None


@pytest.fixture
def site(tmp_path):
    write_tiny_site(tmp_path)
    return tmp_path / "site.yaml"


def arrived(site):
    path = site.parent / "arrived.png"
    shutil.copyfile(site.parent / "real" / "clip0_000.png", path)
    return {Photo("top/arrived.png", "top", "arrived-1", digest_file(path), ""): path}


def obtain(store, site, photos):
    config, files = plan_site_version(site, photos)
    return assemble_site_version.obtain(store, config, {"photos": files}, slots=Slots()).ref


def test_a_version_is_the_site_with_its_photos_and_stands_alone(site, tmp_path):
    store = Store(tmp_path / "store")
    ((background, photo),) = list_backgrounds(site)
    content = photo.content
    ref = obtain(store, site, arrived(site))
    shutil.rmtree(site.parent / "real")
    (site.parent / "empty.png").unlink()
    after = list_backgrounds(site_file(store, f"artifact:{ref.key[:10]}"))
    assert [background.name for background, _ in after] == ["empty", "arrived-1"]
    # The same configuration and bytes as before, so that nothing of the old background is made again.
    assert after[0][0] == background and after[0][1].content == content


def test_the_same_photos_are_the_same_version(site, tmp_path):
    store = Store(tmp_path / "store")
    assert obtain(store, site, arrived(site)) == obtain(store, site, arrived(site))
    assert obtain(store, site, {}) != obtain(store, site, arrived(site))


def test_another_polygon_or_photo_is_another_site(site):
    first = site_content(site)
    assert site_content(site) == first
    content = yaml.safe_load(site.read_text())
    content["cameras"]["top"]["height_m"] = 3.0
    site.write_text(yaml.safe_dump(content))
    assert site_content(site) != first


def test_an_artifact_of_another_kind_is_no_site(site, tmp_path):
    from tasks.crops.cropping import extract_crops

    store = Store(tmp_path / "store")
    ref = obtain(store, site, {})
    with pytest.raises(ValueError, match="no artifact has a key"):
        site_file(store, "artifact:ffff")
    manifest = store.manifest_path(ref.key)
    manifest.chmod(0o644)
    text = manifest.read_text().replace('"kind": "site"', f'"kind": "{extract_crops.kind}"', 1)
    manifest.write_text(text)
    with pytest.raises(ValueError, match="of the kind crops, not site"):
        site_file(store, f"artifact:{ref.key}")

"""Photos of one camera have one size, where the site file marks places in their pixels."""

from blender_assets.site import SiteCamera


def require_usual_size(
    photo: str, camera_name: str, camera: SiteCamera, size_px: tuple[int, int], usual_px: tuple[int, int]
) -> None:
    """ValueError where a photo's width and height are not those of the camera's other photos, and must be."""
    has_places = camera.floor.polygon_px or camera.occluders or camera.zones or camera.seats
    if has_places and size_px != usual_px:
        raise ValueError(
            f"{photo}: the photo is {size_px[0]} x {size_px[1]} pixels, but the others of the camera {camera_name!r} are "
            f"{usual_px[0]} x {usual_px[1]}, and the site file marks places in their pixels: bring it to that size, or "
            "give it a camera of its own in the site file"
        )

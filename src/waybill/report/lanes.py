"""The three lanes of the report: materials; technology and people; data and code."""

from __future__ import annotations

from enum import StrEnum

from waybill.model.words import AssetKind, Channel


class Lane(StrEnum):
    """What sort of thing left."""

    MATERIALS = "materials"
    TECHNOLOGY = "technology-and-people"
    DATA = "data-and-code"


BY_KIND = {
    AssetKind.MATERIAL: Lane.MATERIALS,
    AssetKind.DOCUMENT: Lane.TECHNOLOGY,
    AssetKind.KNOW_HOW: Lane.TECHNOLOGY,
    AssetKind.DEVICE: Lane.TECHNOLOGY,
    AssetKind.CREDENTIAL: Lane.TECHNOLOGY,
    AssetKind.DATA: Lane.DATA,
    AssetKind.CODE: Lane.DATA,
}
"""What is known of the asset decides first."""

BY_DETECTOR = {
    "materials": Lane.MATERIALS,
    "behaviour": Lane.TECHNOLOGY,
}
"""Then what the detector looks at."""

BY_CHANNEL = {
    Channel.FREIGHT: Lane.MATERIALS,
    Channel.EMAIL: Lane.TECHNOLOGY,
    Channel.USB: Lane.TECHNOLOGY,
    Channel.PRINT: Lane.TECHNOLOGY,
    Channel.CHAT: Lane.TECHNOLOGY,
    Channel.EMPLOYMENT: Lane.TECHNOLOGY,
    Channel.CLOUD_STORAGE: Lane.DATA,
    Channel.CLOUD_API: Lane.DATA,
    Channel.WEB: Lane.DATA,
    Channel.FILE: Lane.DATA,
    Channel.DATABASE: Lane.DATA,
    Channel.NETWORK: Lane.DATA,
    Channel.CODE: Lane.DATA,
    Channel.HOST: Lane.DATA,
    Channel.OTHER: Lane.DATA,
}
"""Then the way it went."""

_TABLE: dict[str, Lane] = {
    **{f"kind:{kind}": lane for kind, lane in BY_KIND.items()},
    **{f"detector:{detector}": lane for detector, lane in BY_DETECTOR.items()},
    **{f"channel:{channel}": lane for channel, lane in BY_CHANNEL.items()},
}


def lane_of(asset_kind: str, detector: str, channel: str) -> Lane:
    """Return the lane of a finding; words that nobody knows are data."""
    keys = f"kind:{asset_kind}", f"detector:{detector}", f"channel:{channel}"
    return next((_TABLE[key] for key in keys if key in _TABLE), Lane.DATA)

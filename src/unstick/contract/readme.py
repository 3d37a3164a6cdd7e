"""The README block: every field the Hub reads, with its type, allowed values, default and source."""

from __future__ import annotations

from unstick.record import NamedTuple

_REFERENCE = "Hub docs: spaces-config-reference"
_TYPES = "huggingface.js types/api/api-space.ts"
_OAUTH = "Hub docs: spaces-oauth"


class Field(NamedTuple):
    """One field of the block.

    `types` are YAML types, any of which is right: string, boolean, integer, list, map. `allowed` are the
    values (of each item, for a list), empty when anything goes. `default` is what holds without the field,
    as text ('' : none). `sdks` are those that read the field, empty for all. `maximum` is a number of
    characters for strings and the largest value for integers, with `minimum` below it; 0 means no limit
    known. `refused` says that the Hub refuses a push with a bad value; the others it ignores or trips over
    later.
    """

    name: str
    types: tuple[str, ...]
    source: str
    allowed: tuple[str, ...] = ()
    default: str = ""
    sdks: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 0
    refused: bool = False


COLORS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
"""Allowed in colorFrom and colorTo (Hub docs: spaces-config-reference; the validator's own answer lists the
same)."""

OAUTH_SCOPES = (
    "openid", "profile", "email", "read-billing", "read-memberships", "read-repos", "gated-repos",
    "contribute-repos", "write-repos", "manage-repos", "read-collections", "write-collections",
    "inference-api", "read-endpoints", "write-endpoints", "jobs", "webhooks", "write-discussions",
)  # fmt: skip
"""Scopes a Space may ask for (Hub docs: spaces-oauth); openid and profile are always granted."""

CUSTOM_HEADERS = (
    ("cross-origin-embedder-policy", ("unsafe-none", "require-corp", "credentialless")),
    ("cross-origin-opener-policy", ("same-origin", "same-origin-allow-popups", "unsafe-none")),
    ("cross-origin-resource-policy", ("same-site", "same-origin", "cross-origin")),
)
"""The response headers a block may set, and their values (huggingface.js types/api/api-space.ts)."""

APP = ("gradio", "streamlit")
SERVED = ("gradio", "streamlit", "docker")

FIELDS = (
    Field("title", ("string",), _REFERENCE),
    Field("emoji", ("string",), _REFERENCE, refused=True),
    Field("colorFrom", ("string",), _REFERENCE, allowed=COLORS, refused=True),
    Field("colorTo", ("string",), _REFERENCE, allowed=COLORS, refused=True),
    Field("sdk", ("string",), _REFERENCE, allowed=("gradio", "docker", "static", "streamlit"), refused=True),
    Field("sdk_version", ("string",), _REFERENCE, sdks=APP),
    Field("python_version", ("string",), _REFERENCE, default="3.10", sdks=APP),
    Field("app_file", ("string",), _REFERENCE, default="app.py", sdks=("gradio", "streamlit", "static")),
    Field("app_build_command", ("string",), "Hub docs: spaces-sdks-static", sdks=("static",)),
    Field("app_port", ("integer",), _REFERENCE, default="7860", sdks=("docker",), minimum=1, maximum=65535),
    Field("base_path", ("string",), _REFERENCE, default="/", sdks=SERVED),
    Field("fullWidth", ("boolean",), _REFERENCE, default="true"),
    Field("header", ("string",), _REFERENCE, allowed=("mini", "default"), default="default", refused=True),
    Field("short_description", ("string",), "the Hub's validator, as reported", maximum=60, refused=True),
    Field("models", ("list",), _REFERENCE),
    Field("datasets", ("list",), _REFERENCE),
    Field("tags", ("list",), _REFERENCE),
    Field("license", ("string", "list"), "Hub docs: repositories-licenses"),
    Field("license_name", ("string",), "Hub docs: repositories-licenses"),
    Field("license_link", ("string",), "Hub docs: repositories-licenses"),
    Field("language", ("string", "list"), "Hub docs: model-cards"),
    Field("thumbnail", ("string",), _REFERENCE),
    Field("pinned", ("boolean",), _REFERENCE, default="false", refused=True),
    Field("hf_oauth", ("boolean",), _REFERENCE, default="false", refused=True),
    Field("hf_oauth_scopes", ("list",), _OAUTH, allowed=OAUTH_SCOPES, refused=True),
    Field(
        "hf_oauth_expiration_minutes",
        ("integer",),
        _OAUTH,
        default="480",
        minimum=1,
        maximum=43200,
        refused=True,
    ),
    Field("hf_oauth_authorized_org", ("string", "list"), _OAUTH),
    Field("disable_embedding", ("boolean",), _REFERENCE, default="false", refused=True),
    Field("startup_duration_timeout", ("string",), _REFERENCE, default="30m", sdks=SERVED),
    Field("custom_headers", ("map",), _REFERENCE, refused=True),
    Field("preload_from_hub", ("list",), _REFERENCE, sdks=SERVED),
    Field("suggested_hardware", ("string",), _REFERENCE),
    Field("suggested_storage", ("string",), _REFERENCE, allowed=("small", "medium", "large")),
    Field("duplicated_from", ("string",), "huggingface_hub 2.4 repocard_data"),
    Field("metaTitle", ("string",), _TYPES),
    Field("description", ("string",), _TYPES),
    Field("dev-mode-folder", ("string",), "huggingface_hub 2.4 cli/spaces", default="/home/user/app"),
)

NOT_FIELDS = (
    (
        "hardware",
        "hardware is chosen in the Space's settings; suggested_hardware only preselects it for duplicates",
    ),
    ("hardware_requirements", "hardware is chosen in the Space's settings"),
    ("gpu", "hardware is chosen in the Space's settings"),
    ("accelerator", "hardware is chosen in the Space's settings"),
    ("secrets", "secrets are set in the Space's settings"),
    ("variables", "variables are set in the Space's settings"),
    ("env", "variables are set in the Space's settings"),
    ("storage", "volumes are set in the Space's settings"),
    ("sleep_time", "the sleep time is set in the Space's settings"),
    ("private", "visibility is set in the Space's settings"),
    ("visibility", "visibility is set in the Space's settings"),
)
"""Keys that people write for things which live in the settings only, and where to set them."""


CARD_FIELDS = frozenset(
    [
        "annotations_creators",
        "arxiv",
        "author",
        "authors",
        "base_model",
        "citation",
        "co2_eq_emissions",
        "configs",
        "dataset_info",
        "doi",
        "extra_gated_fields",
        "extra_gated_prompt",
        "inference",
        "language_creators",
        "library_name",
        "metrics",
        "model-",
        "index",
        "model_name",
        "multilinguality",
        "paperswithcode_id",
        "pipeline_tag",
        "pretty_name",
        "size_categories",
        "source_datasets",
        "task_categories",
        "task_ids",
        "viewer",
        "widget",
    ]
)
"""Fields of model and dataset cards (Hub docs: model-cards, datasets-cards): without effect in a Space, and
no mistake."""


def field(name: str) -> Field | None:
    """The field of this exact name, or None when the Hub does not know it."""
    return next((f for f in FIELDS if f.name == name), None)

"""A few diagnoses made by hand, for the tests of the renderers."""

from __future__ import annotations

from unstick.case import Case, Evidence, Unobserved
from unstick.causes import load
from unstick.diagnose.types import Diagnosis, Observation, Ranked, Repair, Weight
from unstick.space.types import Edit

CAUSES = load()

PREPARING = Evidence("stage-preparing", True, "description", "description, line 1", 'just says "Preparing"')
HOURS = Evidence("stuck-hours", True, "description", "description, line 1", "for more than 12 hours")
BANNER = Evidence(
    "log-announces-server", True, "run-log", "run log, line 14",
    "You can now view your Streamlit app in your browser. URL: http://0.0.0.0:8501"
)  # fmt: skip
RESTART = Evidence(
    "restart-no-help", True, "description", "description, line 4", "restarted twice, nothing changed"
)
BUILD = Evidence("build-log-clean", True, "build-log", "build log, line 212", "--> Pushing image")
CHANGED = Evidence("no-change-made", False, "description", "description, line 1", "")
PORTS = Evidence("ports-differ", True, "files", "README.md:4", "no app_port, so 7860; CMD says 8501")

DIFF = """--- a/README.md
+++ b/README.md
@@ -1,6 +1,7 @@
 title: ER demand
 sdk: docker
+app_port: 8501
 ---
"""
README = "---\ntitle: ER demand\nsdk: docker\n---\n# ER demand\n"


def ranked(cause: str, probability: float, prior: float = -4.0, *weights: tuple[Evidence, float]) -> Ranked:
    """One cause with its evidence."""
    known = CAUSES[cause]
    return Ranked(
        cause,
        known.code,
        known.domain,
        known.title,
        probability,
        prior,
        tuple(Weight(*weight) for weight in weights),
    )


def all_causes(*leading: Ranked) -> tuple[Ranked, ...]:
    """The leading causes, and all others with what is left, equally."""
    named = {item.cause for item in leading}
    left = max(0.0, 1 - sum(item.probability for item in leading)) / (len(CAUSES) - len(leading))
    return (*leading, *(ranked(cause, left) for cause in CAUSES if cause not in named))


SDK = Observation(
    "sdk-docker", "Is it a Docker Space, or one with the Streamlit SDK?", 0.92, 0.5,
    "look at `sdk:` in https://huggingface.co/spaces/OWNER/NAME/blob/main/README.md",
    ("docker: port-mismatch", 0.88), ("streamlit: platform-stuck-state", 0.93),
)  # fmt: skip

PLATFORM = Diagnosis(
    verdict="It is the platform's turn, most likely: the platform's state of this Space does not move, "
    "although nothing in the Space is wrong (62%).",
    turn="platform",
    causes=all_causes(
        ranked("platform-stuck-state", 0.62, -4.1, (PREPARING, 3.0), (HOURS, 2.2), (RESTART, 1.5),
               (BUILD, 1.1), (BANNER, 0.9), (CHANGED, -0.7)),
        ranked("port-mismatch", 0.24, -4.6, (BANNER, 2.4), (PREPARING, 1.4), (RESTART, 1.2), (BUILD, 0.6),
               (CHANGED, -0.4)),
        ranked("hang-on-start", 0.03, -5.2),
    ),
    unknown=(Unobserved("sdk-docker", "not reported"), Unobserved("direct-url-works", "not reported"),
             Unobserved("others-affected", "the status page could not be reached")),
    next=(SDK,),
    repairs=(),
    case=Case(
        name="er-demo",
        evidence=(PREPARING, HOURS, BANNER, RESTART, BUILD, CHANGED),
        facts=(("hardware", "cpu-upgrade"), ("sdk", "streamlit"), ("space_id", "jane/er-demo"),
               ("stage", "APP_STARTING")),
        description="My Space says Preparing for more than 12 hours. I restarted it twice.",
        build_log="===== Build Queued at 2026-04-07 15:12:19 / Commit SHA: f7add1a =====\n"
        "--> FROM python:3.13\nDONE 0.0s\n--> Pushing image\nDONE 3.1s\n",
        run_log="===== Application Startup at 2026-04-07 15:13:18 =====\n\n"
        "You can now view your Streamlit app in your browser.\nURL: http://0.0.0.0:8501\n",
        tried=("restart, twice",),
    ),
)  # fmt: skip

CONFIG = Diagnosis(
    verdict="It is your turn: the app listens on a port where the platform does not look (96%).",
    turn="you",
    causes=all_causes(
        ranked("port-mismatch", 0.96, -4.6, (PORTS, 6.4), (BANNER, 2.4), (PREPARING, 1.4), (CHANGED, -0.4)),
        ranked("platform-stuck-state", 0.02, -4.1, (PREPARING, 3.0)),
    ),
    unknown=(Unobserved("direct-url-works", "not reported"),),
    next=(),
    repairs=(
        Repair("port-mismatch", "port-mismatch", "write `app_port: 8501` into the README block",
               (Edit("README.md", 31, 31, "app_port: 8501\n"),), DIFF),
    ),
    case=Case(
        facts=(("announced_port", "8501"), ("sdk", "docker")),
        run_log="URL: http://0.0.0.0:8501\nTOKEN=" + "hf_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3h",
    ),
)  # fmt: skip

UNKNOWN = Diagnosis(
    verdict="What is known fits none of the causes that unstick knows.",
    turn="you",
    causes=all_causes(ranked("none-of-these", 0.55, -3.0), ranked("app-crash", 0.06, -3.5)),
    unknown=(),
    next=(),
    repairs=(),
    case=Case(),
)

SAMPLES = {"platform": PLATFORM, "config": CONFIG, "unknown": UNKNOWN}

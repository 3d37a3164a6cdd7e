"""The platform's own error strings: where they are seen, what they mean, who is at fault, what to do."""

from __future__ import annotations

from unstick.record import NamedTuple

RUNTIME, BUILD_LOG, RUN_LOG, HTTP, PAGE = "runtime", "build-log", "run-log", "http", "page"


class Message(NamedTuple):
    """One message. `text` is its fixed part (variable parts as …), `where` the channel, `fault` a fault
    domain of unstick."""

    text: str
    where: str
    meaning: str
    fault: str
    remedy: str
    source: str


_REPORTS = "reports of users"
_LOGS = "published logs"
_CLIENT = "huggingface_hub 2.4"

MESSAGES = (
    Message(
        "Launch timed out, workload was not healthy after … min",
        RUNTIME,
        "nothing healthy answered on the port in time",
        "app",
        "bind the right port on 0.0.0.0 early; a longer startup_duration_timeout only for long work",
        _REPORTS,
    ),
    Message(
        "Launch timed out, space was not healthy after … min",
        RUNTIME,
        "the same in the wording of 2022",
        "app",
        "bind the right port on 0.0.0.0 early",
        _REPORTS,
    ),
    Message(
        "Scheduling failure: not enough hardware capacity",
        RUNTIME,
        "no free machine of that flavour",
        "platform",
        "restart later or take another flavour",
        _REPORTS,
    ),
    Message(
        "Scheduling failure: unable to schedule",
        RUNTIME,
        "the scheduler gave up",
        "platform",
        "restart; then factory reboot; then wait",
        _REPORTS,
    ),
    Message(
        "Memory limit exceeded (…)",
        RUNTIME,
        "the container passed its memory",
        "app",
        "smaller model, loading in parts, or more memory",
        _REPORTS,
    ),
    Message(
        "Workload evicted, storage limit exceeded (…)",
        RUNTIME,
        "the disk is full",
        "app",
        "clean up caches and uploads, mount a volume, or a bigger flavour",
        _REPORTS,
    ),
    Message(
        "Exit code: …. Reason: …",
        RUNTIME,
        "the process ended; the reason is the tail of its log",
        "app",
        "read the log's last lines",
        _REPORTS,
    ),
    Message(
        "Exit code: ?. Reason: ",
        RUNTIME,
        "the container vanished without a status",
        "platform",
        "restart",
        _REPORTS,
    ),
    Message(
        "failed to create containerd task: failed to create shim task: context canceled",
        RUNTIME,
        "the node failed to start the container",
        "platform",
        "restart",
        _REPORTS,
    ),
    Message(
        "Space failed. Exit code: …. Reason: …",
        RUNTIME,
        "an older wording of Exit code",
        "app",
        "read the log's last lines",
        _REPORTS,
    ),
    Message(
        "No @spaces.GPU function detected during startup",
        RUNTIME,
        "ZeroGPU saw no decorated function",
        "app",
        "decorate a function with @spaces.GPU in a module that is imported at start",
        "package spaces 0.51",
    ),
    Message(
        "Failed to retrieve error logs: SSE is not enabled",
        PAGE,
        "the log's backend has nothing; never a cause of its own",
        "platform",
        "read the first line instead",
        _REPORTS,
    ),
    Message(
        "Job failed with exit code: …. Reason: …",
        RUNTIME,
        "the head line of a failed build",
        "build",
        "look for the first line with ERROR; the list after 'cache miss' is not the cause",
        _LOGS,
    ),
    Message(
        "did not complete successfully: exit code: …",
        BUILD_LOG,
        "one build step failed",
        "build",
        "read the lines above it",
        _LOGS,
    ),
    Message(
        "ERROR: failed to build: failed to solve: …",
        BUILD_LOG,
        "the image could not be built",
        "build",
        "mend the Dockerfile line it names",
        "BuildKit",
    ),
    Message(
        "ResolutionImpossible",
        BUILD_LOG,
        "requirements contradict each other or the platform's own",
        "build",
        "loosen the pins that pip names",
        "pip",
    ),
    Message(
        "requires a different Python: … not in …",
        BUILD_LOG,
        "the Python version does not fit a package",
        "config",
        "set python_version in the README block",
        "pip",
    ),
    Message(
        "No matching distribution found for …",
        BUILD_LOG,
        "name, version or Python is wrong",
        "build",
        "correct the requirement",
        "pip",
    ),
    Message(
        "Unable to locate package …",
        BUILD_LOG,
        "Debian has no package of that name",
        "build",
        "correct packages.txt or the apt line",
        "apt",
    ),
    Message(
        "Build error: Error while cloning repository",
        RUNTIME,
        "the repository is above its limit or an LFS object is missing",
        "account",
        "shrink the history or push the missing object",
        _REPORTS,
    ),
    Message(
        "unexpected status from HEAD request to …: 401 Unauthorized",
        BUILD_LOG,
        "the builder could not log in to the image registry",
        "platform",
        "wait, nothing helps from outside",
        _REPORTS,
    ),
    Message(
        "build error: Unexpected job error",
        RUNTIME,
        "the build job failed outside the build",
        "platform",
        "restart the build",
        _REPORTS,
    ),
    Message(
        "===== Build Queued at … / Commit SHA: … =====",
        BUILD_LOG,
        "alone in the log: no builder took the job",
        "platform",
        "factory reboot, then support",
        _LOGS,
    ),
    Message(
        "===== Application Startup at … =====", RUN_LOG, "the first line of every run log", "app", "", _LOGS
    ),
    Message(
        "fatal: could not read Username for 'https://huggingface.co'",
        BUILD_LOG,
        "a factory reboot on a hot-reload commit",
        "platform",
        "push an ordinary commit",
        "Hub's skill documents",
    ),
    Message(
        "Repository storage limit reached (Max: 1 GB)",
        HTTP,
        "the history is too large",
        "account",
        "rewrite the history or start afresh; weights belong to a model repository",
        _REPORTS,
    ),
    Message(
        "Missing configuration in README",
        RUNTIME,
        "no README block, or none with sdk",
        "config",
        "put the block at the very top of README.md",
        _REPORTS,
    ),
    Message(
        "This Space is missing an app file.",
        PAGE,
        "there is no entry file",
        "config",
        "correct app_file",
        _REPORTS,
    ),
    Message("No application file", PAGE, "there is no entry file", "config", "correct app_file", _REPORTS),
    Message(
        "Sorry, your push was rejected during YAML metadata verification:",
        HTTP,
        "the block has bad values",
        "config",
        "mend what the lines after it name",
        _REPORTS,
    ),
    Message(
        "YAML Metadata Error:", PAGE, "the block has bad values", "config", "mend what it names", _REPORTS
    ),
    Message(
        "Your push was rejected because it contains binary files.",
        HTTP,
        "binaries outside LFS and Xet",
        "client",
        "track them with git lfs or git xet",
        _REPORTS,
    ),
    Message(
        "Your push was rejected because it contains files larger than 10 MiB.",
        HTTP,
        "large plain files",
        "client",
        "track them with git lfs or git xet",
        _REPORTS,
    ),
    Message(
        "You've reached your … quota limit, please upgrade your account",
        HTTP,
        "too many running Spaces",
        "account",
        "pause another Space",
        _REPORTS,
    ),
    Message(
        "You've reached your hardware quota limit across all your Spaces!",
        PAGE,
        "too many running Spaces",
        "account",
        "pause another Space",
        _REPORTS,
    ),
    Message(
        "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic"
        " requires a PRO subscription.",
        HTTP,
        "the plan does not include it",
        "account",
        "subscribe, or use ZeroGPU or static",
        _REPORTS,
    ),
    Message(
        "You must add a payment method to your account",
        HTTP,
        "no card on the account",
        "account",
        "add a payment method",
        _REPORTS,
    ),
    Message(
        "Cannot change the sleep time for cpu-basic Spaces",
        HTTP,
        "fixed at 48 hours",
        "client",
        "leave it out or upgrade",
        _CLIENT,
    ),
    Message(
        "Something went wrong when restarting this Space",
        PAGE,
        "the restart was refused internally",
        "platform",
        "try again, then support with the request id",
        _REPORTS,
    ),
    Message("Flagged as abusive", RUNTIME, "moderation", "account", "appeal by mail", _REPORTS),
    Message("This Space has been disabled", PAGE, "moderation", "account", "appeal by mail", _REPORTS),
    Message(
        "Access to this resource is disabled.", HTTP, "moderation", "account", "appeal by mail", _REPORTS
    ),
    Message(
        "You already created this space repo", HTTP, "it exists", "client", "use the existing one", _CLIENT
    ),
    Message(
        "Cannot create repo: another conflicting operation is in progress",
        HTTP,
        "concurrent calls",
        "client",
        "try again later",
        _CLIENT,
    ),
    Message(
        "Invalid credentials in Authorization header",
        HTTP,
        "the token is wrong",
        "client",
        "log in again",
        _CLIENT,
    ),
    Message(
        "Invalid username or password.",
        HTTP,
        "the token is wrong or a password was used",
        "client",
        "use a token with write access",
        _CLIENT,
    ),
    Message(
        "Your space is in error, check its status on hf.co",
        HTTP,
        "the edge's own page: the container is down",
        "app",
        "read the stage and the logs",
        "a live answer of October 2026",
    ),
    Message(
        "Sorry, we can't find the page you are looking for.",
        HTTP,
        "unknown host, private Space, or a static Space on the wrong host",
        "client",
        "check the host name",
        _REPORTS,
    ),
)

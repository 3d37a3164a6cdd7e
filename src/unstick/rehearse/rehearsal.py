"""The rehearsal itself: from the README block to RUNNING, or to the stage in which it ends."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.plan import plan_of
from unstick.rehearse.recording import Listener, Recording
from unstick.rehearse.starting import Start, start
from unstick.rehearse.types import Options, Rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.rehearse.backend import Backend, Built, Running
    from unstick.rehearse.types import Plan
    from unstick.space import Space

    Stay = Callable[[Running, Rehearsal], None]


def rehearse(
    root: str,
    backend: Backend,
    options: Options | None = None,
    listener: Listener | None = None,
    *,
    stay: Stay | None = None,
    twice: bool = False,
) -> Rehearsal:
    """Build and run the Space in a folder as the platform would, and give what was observed.

    `stay` is called with the running app when it serves, and the app is stopped when it returns. `twice`
    starts it again from the same image afterwards, with the same /data. What goes wrong with the Space is in
    the result; raises only for a wrong call (UsageError, UnreadableError).
    """
    from unstick.space import Space

    options = options or Options()
    space = judged(Space.open(root))
    plan = plan_of(space, options)
    recording = Recording(listener, [value for _, value in options.secrets])
    refused = refusal(space, plan)
    if refused:
        recording.event("stage", refused[0])
        return _ended(Rehearsal(backend.name, plan, *refused), recording)
    try:
        result = _build_and_run(backend, plan, recording, stay, twice)
    except CannotRehearse as error:
        recording.event("note", f"cannot be rehearsed here: {error}")
        result = Rehearsal(backend.name, plan, "", str(error), impossible=str(error))
    return _ended(result, recording)


def judged(space: Space) -> Space:
    """The Space that arrives on the Hub, where a workflow pushes one folder of the repository."""
    import os

    from unstick.rules.engine import subject

    what = subject(space)[1]
    if what is None or not what.root or what.readme != "" or what.copied:
        return space
    return type(space).open(os.path.join(space.root, what.root))


def refusal(space: Space, plan: Plan) -> tuple[str, str] | None:
    """The stage and the reason with which the platform refuses to build at all, or None."""
    from unstick.contract.sdks import SDKS

    readme = space.readme
    if not readme.usable:
        problem = f": {readme.error.reason}" if readme.error is not None else ""
        return "CONFIG_ERROR", f"Missing configuration in README{problem}"
    if space.sdk not in {sdk.id for sdk in SDKS}:
        return "CONFIG_ERROR", f"there is no sdk {space.sdk!r}"
    entry = "Dockerfile" if space.sdk == "docker" else plan.app_file
    if entry not in plan.files and not space.field("app_build_command"):
        return "NO_APP_FILE", f"{entry} is not among the files that a push would bring"
    return None


def _build_and_run(
    backend: Backend, plan: Plan, recording: Recording, stay: Stay | None, twice: bool
) -> Rehearsal:
    recording.event("stage", "BUILDING")
    try:
        try:
            built = backend.build(plan, lambda text: recording.line("build", text))
        except BuildFailed as error:
            recording.event("stage", "BUILD_ERROR")
            return Rehearsal(backend.name, plan, "BUILD_ERROR", error.what)
        result = _started(backend, built, plan, recording, stay if not twice else None)
        if twice and result.serves:
            recording.event("note", "started again from the same image")
            result = _both(result, _started(backend, built, plan, recording, stay))
        return result
    finally:
        backend.close()


def _started(
    backend: Backend, built: Built, plan: Plan, recording: Recording, stay: Stay | None
) -> Rehearsal:
    def serving(running: Running, begun: Start) -> None:
        if stay is not None:
            so_far = _result(backend.name, plan, begun, built)
            stay(running, so_far._replace(timeline=recording.timeline(), seconds=recording.now()))

    first = start(backend, built, plan, recording, serving if stay is not None else None)
    result = _result(backend.name, plan, first, built)
    lacking = _lacking(first, built)
    if lacking:
        recording.event("note", f"cannot be rehearsed here: {lacking}")
        return result._replace(stage="", reason=lacking, serves=None, impossible=lacking)
    if result.stage == "RUNTIME_ERROR" and first.denied and plan.options.user != "root":
        recording.event("note", "a permission is missing: started once more as root")
        as_root = plan._replace(options=plan.options._replace(user="root"))
        try:
            begun = start(backend, built, as_root, recording, None)
        except CannotRehearse as error:
            recording.event("note", f"it cannot be started as root here: {error}")
            return result
        second = _result(backend.name, as_root, begun, built)
        said = "serves" if second.serves else f"fails too: {second.reason}"
        recording.event("note", f"as root it {said}")
        result = result._replace(as_root=second)
    return result


def _lacking(begun: Start, built: Built) -> str:
    """Why a failure is this machine's, where the backend could not install what the Space asks for."""
    missing = getattr(built, "missing_system", ())
    if begun.serves or not missing:
        return ""
    from unstick.rehearse.lacking import why

    ended = begun.watched.exit
    return why(missing, ended.code if ended is not None else None, [line.text for line in begun.lines])


def _result(name: str, plan: Plan, begun: Start, built: Built) -> Rehearsal:
    return Rehearsal(
        backend=name,
        plan=plan,
        stage=begun.stage,
        reason=begun.reason,
        serves=begun.serves,
        ready_at=begun.watched.ready_at,
        early=begun.watched.early,
        idle=begun.watched.idle,
        run_log=begun.lines,
        sockets=begun.watched.sockets,
        blocked=begun.watched.blocked,
        answers=begun.answers,
        sessions=begun.sessions,
        exit=begun.watched.exit,
        peak=begun.peak,
        dumps=begun.dumps,
        written=begun.written,
        passed_over=tuple(dict.fromkeys((*plan.passed_over, *built.passed_over, *begun.passed_over))),
    )


def _both(first: Rehearsal, second: Rehearsal) -> Rehearsal:
    """The first run with the second one beside it: it serves only if both did."""
    if second.serves:
        return first._replace(second=second)
    reason = f"it served the first time, not after a restart: {second.reason}"
    return first._replace(second=second, stage=second.stage, serves=False, reason=reason)


def _ended(result: Rehearsal, recording: Recording) -> Rehearsal:
    return result._replace(
        seconds=recording.now(),
        reason=recording.clean(result.reason),
        timeline=recording.timeline(),
        build_log=recording.log("build"),
        run_log=result.run_log or recording.log("run"),
    )

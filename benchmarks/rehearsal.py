"""How long a rehearsal takes to RUNNING, beside `docker build && docker run` polled by curl, and a bare start.

`python benchmarks/rehearsal.py [--runs N]`. Two Spaces: examples/er-predictor/docker
(Streamlit) and a small Gradio app in Docker. Cold: no environment, no layers of the Space, empty uv cache.
Warm: the second time. 'bare' is the app's own start in an environment that is there, to its first accepted
connection. Everything in one run, in turn. Needs a container engine and the stand-ins for base images.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UNSTICK = os.path.join(os.path.dirname(sys.executable), "unstick")
PYTHON = "3.11"
GRADIO = {
    "README.md": "---\ntitle: Upper\nsdk: docker\n---\n",
    "Dockerfile": f"FROM python:{PYTHON}-slim\nRUN useradd -m -u 1000 user\nUSER user\nWORKDIR /home/user/app\n"
    "COPY requirements.txt .\nRUN pip install --no-cache-dir --user -r requirements.txt\nCOPY app.py .\n"
    "ENV GRADIO_SERVER_NAME=0.0.0.0\nCMD python app.py\n",
    "requirements.txt": "gradio==5.49.1\n",
    "app.py": "import gradio as gr\n\ngr.Interface(str.upper, 'text', 'text').launch()\n",
}


def spaces(folder):
    """The two Spaces, on a Python that this machine has."""
    er = os.path.join(folder, "er-predictor")
    shutil.copytree(os.path.join(ROOT, "examples/er-predictor/docker"), er)
    path = os.path.join(er, "Dockerfile")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("python:3.13", f"python:{PYTHON}"))
    gradio = os.path.join(folder, "gradio")
    os.makedirs(gradio)
    for name, text in GRADIO.items():
        with open(os.path.join(gradio, name), "w", encoding="utf-8") as file:
            file.write(text)
    return {"er-predictor": er, "gradio": gradio}


def rehearsed(space, backend, *extra):
    """Seconds from the start of the command to RUNNING."""
    began = time.monotonic()
    command = [UNSTICK, "run", space, "--backend", backend, "--until", "running", "--json", *extra]
    done = subprocess.run(command, capture_output=True, text=True)
    whole = time.monotonic() - began
    said = json.loads(done.stdout or "{}")
    if done.returncode:
        sys.exit(f"{backend}: {said.get('reason') or done.stderr}")
    # What comes after RUNNING (answers, sessions, settling) is not part of it; what came before the clock is.
    return whole - (said["seconds"] - said["ready_after"])


def by_hand(space, client, *extra):
    """`docker build`, `docker run`, then curl each second: what people do. The machine's package settings are
    lent to both sides in the same way."""
    from unstick.rehearse.docker import machine
    from unstick.rehearse.docker.rewrite import rewrite

    lent = machine.lent(tempfile.mkdtemp(prefix="unstick-bench-lent-", dir=os.path.dirname(space)))
    with open(os.path.join(space, "Dockerfile"), encoding="utf-8") as file:
        made = rewrite(file.read(), modern=client.modern, lent=lent)
    with tempfile.NamedTemporaryFile("w", suffix=".Dockerfile", delete=False) as file:
        file.write(made.text)
    port = 8501 if "er-predictor" in space else 7860
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    secrets = [word for item in lent for word in ("--secret", f"id={item.id},src={item.source}")]
    began = time.monotonic()
    subprocess.run(
        [client.program, "build", "-q", *extra, *secrets, "-f", file.name, "-t", "bench-by-hand", space],
        env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    name = subprocess.run(
        [client.program, "run", "-d", "-p", f"127.0.0.1:17860:{port}", "bench-by-hand"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    try:
        while subprocess.run(
            ["curl", "-fsS", "-o", os.devnull, "http://127.0.0.1:17860/"], capture_output=True
        ).returncode:
            time.sleep(1)
        return time.monotonic() - began
    finally:
        subprocess.run([client.program, "rm", "-f", name], capture_output=True)
        os.unlink(file.name)


def bare(space):
    """The app's own start, in an environment of its own that is there already, to the first connection."""
    environment = os.path.join(tempfile.gettempdir(), f"unstick-bench-{os.path.basename(space)}")
    python = os.path.join(environment, "bin", "python")
    uv = os.path.join(os.path.dirname(sys.executable), "uv")
    if not os.path.exists(python):
        subprocess.run([uv, "venv", "-q", "--python", PYTHON, environment], check=True)
        packages = os.path.join(space, "requirements.txt")
        subprocess.run(
            [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python, "-r", packages], check=True
        )
    streamlit = "er-predictor" in space
    port = 18501 if streamlit else 17861
    command = [python, "app.py"]
    if streamlit:
        command = [
            python,
            "-m",
            "streamlit",
            "run",
            "app.py",
            "--server.port",
            str(port),
            "--server.headless",
            "true",
        ]
    variables = {**os.environ, "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port)}
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=space, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return time.monotonic() - began
            except OSError:
                time.sleep(0.005)
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="warm runs of each; cold ones are done once")
    runs = parser.parse_args().runs
    from unstick.rehearse.docker import client as clients

    client = clients.available()
    if client is None:
        sys.exit("rehearsal: no container engine answers")
    folder = tempfile.mkdtemp(prefix="unstick-bench-")
    failed = False
    try:
        for name, space in spaces(folder).items():
            print(f"{name}: seconds to RUNNING (by hand: to the first 200 that curl gets)")
            bare(space)
            cold = {
                "process": rehearsed(space, "process", "--factory"),
                "docker": rehearsed(space, "docker", "--factory"),
                "by hand": by_hand(space, client, "--no-cache"),
            }
            warm = {
                "process": [], "docker": [], "by hand": [], "bare": [],
            }  # fmt: skip
            rehearsed(space, "process")
            rehearsed(space, "docker")
            for _ in range(runs):
                warm["bare"].append(bare(space))
                warm["process"].append(rehearsed(space, "process"))
                warm["docker"].append(rehearsed(space, "docker"))
                warm["by hand"].append(by_hand(space, client))
            for kind, value in cold.items():
                print(f"  cold {kind:8} {value:7.1f}   {cold['by hand'] / value:.1f} x as fast as by hand")
            middle = {kind: statistics.median(values) for kind, values in warm.items()}
            for kind, value in middle.items():
                print(f"  warm {kind:8} {value:7.1f}   {value / middle['bare']:.2f} x the bare start")
            failed |= cold["by hand"] / cold["process"] < 3 or cold["docker"] > cold["by hand"] * 1.05
            failed |= middle["process"] > middle["bare"] * 1.2
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

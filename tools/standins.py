"""Stand-ins for official base images, made from Debian's packages: `python3 tools/standins.py [NAME…]`.

For machines that reach Debian's packages but no image registry. Each gets the official image's name, and
behaves like it where a Space's Dockerfile looks: `python` and `pip` (or `node` and `npm`, or nginx) are on
the path, pip installs without a virtual environment, the package source is the one that this machine has. Needs root,
debootstrap and a Docker engine. Roots are kept below the cache folder, so that a second run only imports.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

PATH = "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
PYTHON = ["python3", "python3-venv", "ca-certificates", "netbase", "tzdata"]
NODE = ["nodejs", "ca-certificates"]
NPM = "npm@10"

# name → Debian release, packages, the tags it stands for, settings of the image, the official image's name.
IMAGES = {
    "python3.11": (
        "bookworm", PYTHON, ["3.11", "3.11-slim", "3.11-bookworm", "3.11-slim-bookworm"],
        [PATH, "ENV LANG=C.UTF-8", 'CMD ["python3"]'], "python",
    ),
    "python3.13": (
        "trixie", PYTHON,
        ["3.13", "3.13-slim", "3.13-trixie", "3.13-slim-trixie", "3", "3-slim", "slim", "latest"],
        [PATH, "ENV LANG=C.UTF-8", 'CMD ["python3"]'], "python",
    ),
    "node20": (
        "trixie", NODE, ["20", "20-slim", "20-trixie", "20-trixie-slim"], [PATH, 'CMD ["node"]'], "node",
    ),
    "node18": (
        "bookworm", NODE, ["18", "18-slim", "18-bookworm", "18-bookworm-slim"], [PATH, 'CMD ["node"]'], "node",
    ),
    "nginx": (
        "bookworm", ["nginx-light", "ca-certificates"], ["latest", "1.22", "bookworm"],
        [PATH, "EXPOSE 80", 'CMD ["nginx", "-g", "daemon off;"]'], "nginx",
    ),
    "debian12": (
        "bookworm", ["ca-certificates"], ["bookworm", "bookworm-slim", "12", "12-slim"],
        [PATH, 'CMD ["bash"]'], "debian",
    ),
}  # fmt: skip

# What makes a root behave as the official image.
SETUP = {
    # pip from the wheel that Debian ships for virtual environments: its python3-pip brings Debian's own packages,
    # which pip cannot replace, and the official image has none. Dockerfiles copy site-packages.
    "python": """
for name in python python3; do ln -sf /usr/bin/python3 /usr/local/bin/$name; done
rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
place=/usr/local/lib/$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
mkdir -p $place/site-packages && rmdir $place/dist-packages 2>/dev/null
ln -sfn site-packages $place/dist-packages
wheels=/usr/share/python-wheels
old=$(python3 -c 'import sys; print("setuptools" * (sys.version_info < (3, 12)))')
python3 $(ls $wheels/pip-*.whl)/pip install -q --no-index --find-links $wheels --root-user-action ignore pip $old
""",
    "node": """
userdel -r node 2>/dev/null; useradd -m -u 1000 -s /bin/bash node
ln -sf /usr/bin/node /usr/local/bin/node
for name in npm npx; do ln -sf ../lib/node_modules/npm/bin/$name-cli.js /usr/local/bin/$name; done
""",
    "nginx": """
id nginx >/dev/null 2>&1 || useradd -r -s /usr/sbin/nologin nginx
mkdir -p /usr/share/nginx/html /etc/nginx/conf.d
cat > /etc/nginx/nginx.conf <<'END'
user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /var/run/nginx.pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /var/log/nginx/access.log;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
END
cat > /etc/nginx/conf.d/default.conf <<'END'
server { listen 80; server_name localhost; location / { root /usr/share/nginx/html; index index.html; } }
END
ln -sf /dev/stdout /var/log/nginx/access.log; ln -sf /dev/stderr /var/log/nginx/error.log
""",
}


def engine():
    """The docker command that reaches an engine."""
    for folder in ["/usr/bin", *os.environ.get("PATH", "").split(os.pathsep)]:
        program = os.path.join(folder, "docker")
        if os.access(program, os.X_OK):
            done = subprocess.run([program, "version"], capture_output=True)
            if done.returncode == 0:
                return program
    sys.exit("standins: no container engine answers; start dockerd first (.ci/engine does)")


def mirror():
    """The Debian mirror that this machine's apt uses; nothing, where it does not say, for debootstrap's own."""
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
        capture_output=True,
        text=True,
    )
    sites = [line for line in done.stdout.split() if "security" not in line and "debian" in line]
    return sites[:1]


def root_of(cache, release, packages, setup):
    """The folder of one root file system, made if it is not there."""
    made_of = hashlib.sha256(f"{sorted(packages)}{SETUP.get(setup, '')}".encode()).hexdigest()[:12]
    target = os.path.join(cache, f"{release}-{setup}-{made_of}")
    if os.path.isdir(target):
        return target
    partial = tempfile.mkdtemp(prefix="partial-", dir=cache)
    os.chmod(partial, 0o755)
    command = [
        "debootstrap",
        "--variant=minbase",
        f"--include={','.join(packages)}",
        release,
        partial,
        *mirror(),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        shutil.rmtree(partial, ignore_errors=True)
        sys.exit(f"standins: debootstrap of {release} failed:\n{done.stdout[-1500:]}")
    if setup == "node":
        unpack_npm(partial)
    if setup in SETUP:
        command = ["chroot", partial, "/bin/sh", "-c", SETUP[setup]]
        subprocess.run(command, check=True, env={"PATH": PATH.partition("=")[2]})
    for path in (
        "var/cache/apt/archives",
        "var/lib/apt/lists",
        "usr/share/doc",
        "usr/share/man",
        "usr/share/locale",
    ):
        shutil.rmtree(os.path.join(partial, path), ignore_errors=True)
    for path in ("var/cache/apt/archives/partial", "var/lib/apt/lists/partial"):
        os.makedirs(os.path.join(partial, path), exist_ok=True)
    os.rename(partial, target)
    return target


def unpack_npm(root):
    """npm as the official image has it, fetched by this machine's npm: Debian's is cut into 400 packages."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["npm", "pack", NPM, "--silent", "--pack-destination", folder], cwd=folder)
        found = os.listdir(folder)
        if done.returncode or not found:
            sys.exit("standins: npm is needed here to fetch npm for the image")
        target = os.path.join(root, "usr/local/lib/node_modules/npm")
        os.makedirs(target)
        archive = os.path.join(folder, found[0])
        subprocess.run(
            ["tar", "-xf", archive, "-C", target, "--strip-components=1", "--no-same-owner"], check=True
        )


VERSION = {
    "python": ["python3", "-c", "import platform; print(platform.python_version())"],
    "node": ["node", "-p", "process.versions.node"],
}


def versions(root, setup):
    """The version variable that the official image sets."""
    if setup not in VERSION:
        return []
    done = subprocess.run(["chroot", root, *VERSION[setup]], capture_output=True, text=True, check=True)
    return [f"ENV {setup.upper()}_VERSION={done.stdout.strip()}"]


def has(docker, tag):
    """Whether the engine has an image of this name."""
    return subprocess.run([docker, "image", "inspect", tag], capture_output=True).returncode == 0


def make(docker, cache, name, again=False):
    """Make one stand-in with all its tags; one that is there stays, unless `again`."""
    release, packages, numbers, changes, setup = IMAGES[name]
    tags = [f"{setup}:{number}" for number in numbers]
    began = time.time()
    if again or not has(docker, tags[0]):
        root = root_of(cache, release, packages, setup)
        command = [docker, "import"]
        for change in [*changes, *versions(root, setup)]:
            command += ["--change", change]
        tar = subprocess.Popen(["tar", "-C", root, "--numeric-owner", "-c", "."], stdout=subprocess.PIPE)
        subprocess.run([*command, "-", tags[0]], stdin=tar.stdout, stdout=subprocess.DEVNULL, check=True)
        tar.wait()
    for tag in tags[1:]:
        if again or not has(docker, tag):
            subprocess.run([docker, "tag", tags[0], tag], check=True)
    print(f"standins: {name} as {', '.join(tags)}: {time.time() - began:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(IMAGES)}; all without any")
    parser.add_argument("--again", action="store_true", help="make them even where they are there")
    arguments = parser.parse_args()
    names = arguments.names
    unknown = sorted(set(names) - set(IMAGES))
    if unknown:
        sys.exit(f"standins: there is no {', '.join(unknown)}; there are {', '.join(IMAGES)}")
    docker = engine()
    cache = os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "unstick-standins"
    )
    os.makedirs(cache, exist_ok=True)
    for name in names or IMAGES:
        make(docker, cache, name, arguments.again)


if __name__ == "__main__":
    main()

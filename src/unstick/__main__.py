"""The command line's entry."""


def main() -> int:
    """Run the command line and return its exit code."""
    from unstick.cli.main import run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())

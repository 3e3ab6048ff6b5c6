"""Where `ecshop` starts: before click is imported, which the extra `cli` brings."""

import sys


def main() -> None:
    """Run the command; without click, say how to install it."""
    try:
        from entrypoints.cli.main import main as ecshop
    except ModuleNotFoundError as error:
        # `entrypoints.cli.extras` says it with click.
        sys.stderr.write(
            f"Error: {error.name} is not installed here: in the project's folder, run pip install '.[cli]'.\n"
        )
        sys.exit(2)
    ecshop()


if __name__ == "__main__":
    main()

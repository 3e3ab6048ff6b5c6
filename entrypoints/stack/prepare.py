"""Makes what is missing of a stack, as an operator would: tables, stream, streaming destination, database, and functions where wanted.

Usage: python -m entrypoints.stack.prepare [FOLDER], which holds the zips of the functions; without it, the stream feeds none.
"""

import sys
from pathlib import Path

from config.backends import StoreProblem
from config.database import migrate
from config.dynamodb import StoreProblem as AWSProblem
from config.dynamodb import make_stream, make_tables
from config.functions import cut_off_consumers, deploy_consumers
from config.settings import WrongSetting, load_settings
from config.shop import Shop


def main() -> None:
    """Make it all, where the settings of this process say; doing it again does nothing."""
    try:
        settings = load_settings()
        for name, created in (make_tables(settings) | make_stream(settings, shards=1)).items():
            sys.stdout.write(f"{name}: {'created' if created else 'was there already'}\n")
        steps = migrate(settings, Shop(settings=settings).environment())
        sys.stdout.write(f"migrations: {', '.join(steps) or 'all done before'}\n")
        for zips in sys.argv[1:]:
            deploy_consumers(settings, Path(zips))
            sys.stdout.write("functions: made\n")
        if not sys.argv[1:]:
            cut_off_consumers(settings)
    except (WrongSetting, StoreProblem, AWSProblem) as problem:
        sys.exit(f"Error: {problem}")


if __name__ == "__main__":
    main()

"""Makes what is missing of a stack, as an operator would: tables, stream, streaming destination, database."""

import sys

from config.backends import StoreProblem
from config.database import migrate
from config.dynamodb import StoreProblem as AWSProblem
from config.dynamodb import make_stream, make_tables
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
    except (WrongSetting, StoreProblem, AWSProblem) as problem:
        sys.exit(f"Error: {problem}")


if __name__ == "__main__":
    main()

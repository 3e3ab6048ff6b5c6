"""The real shop on simulated processes, time and chance: a schedule is one seed, and comes out the same each time."""

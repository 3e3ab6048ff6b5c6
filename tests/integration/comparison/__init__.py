"""The comparison as a whole: what every cell shows, and that it sees what is wrong."""

"""Speed and cost beside a peer, in one command."""

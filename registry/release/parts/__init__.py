"""The parts of a publish that can be asked for alone, push and promote, and the packages of drafts."""

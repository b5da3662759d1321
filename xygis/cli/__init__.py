"""The command line: reads arguments and the environment, prints Chinese prose to people and JSON to programs. Holds no logic."""

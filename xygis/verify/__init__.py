"""The room of doubt: recomputes a report from its inputs, names what has changed since, signs what was written and checks signatures."""

"""Cases: what a finding asks the township to do, act by act, and what the person is told."""

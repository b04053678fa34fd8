"""Longmai 陇脉: one open platform for the digital systems a province needs."""

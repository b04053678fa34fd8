"""The time bank: hours in double entry, under rules that refuse."""

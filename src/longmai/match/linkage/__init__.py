"""Linkage of records of the same person, without a number that all of them have.

A pair of records is weighed by how far name, day of birth, address, phone and number agree
(Fellegi–Sunter, by Splink); pairs join into groups under what must not be joined. What is sure is
linked, what is doubtful is for a clerk, and a record that is linked is never moved by a new one.
"""

"""The rules of certificates of promised conformity (承诺达标合格证), executed where goods move."""

"""Linkage of agencies that share no names: keyed tokens go to a broker, overlap counts come back.

An agency folds its records and turns every field into HMAC tokens under the key of one exercise (`encoding`), the
broker, who never holds that key, scores tokens against tokens with a Fellegi-Sunter model and gives back how many
persons are on which lists (`overlap`), writes down every run (`runs`) and deletes the tokens. Keyed tokens are
pseudonymous, not anonymous: docs/explanation/tokens.md says what a curious broker learns.
"""

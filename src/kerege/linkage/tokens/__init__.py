"""Privacy-preserving record linkage: agencies send tokens to a broker and receive overlap counts.

An agency folds its records and turns each field into HMAC tokens under the key of one study (`encode_file`). The broker
never holds that key. It scores tokens with a Fellegi-Sunter model, counts the persons on each combination of lists
(`estimate_overlap`), logs every run (`study_log`) and deletes the tokens. Keyed tokens are pseudonymous, not anonymous:
docs/explanation/tokens.md describes what a curious broker can learn.
"""

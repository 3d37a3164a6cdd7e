"""Many Spaces over time: polled, remembered, recognised as troubled, told of, and acted on by a policy.

`recognise` and `deciding` are pure functions over what is known and the time; `store` keeps every change of
state; `watcher` joins them with the network. Nothing here prints or reads the environment.
"""

"""The control loop: brings what is to what is wanted, one reconciler for each Space."""

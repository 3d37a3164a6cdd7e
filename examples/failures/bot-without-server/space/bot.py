import math
import time

PERIOD = 12.42 * 3600

print("Tide bot started, polling every second")
while True:
    height = 1.8 + 1.2 * math.sin(2 * math.pi * time.time() / PERIOD)
    print(f"tide at {height:.2f} m")
    time.sleep(1)

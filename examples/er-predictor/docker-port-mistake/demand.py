"""Hourly arrivals of an emergency room: made-up history, a model of it, and a forecast."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

SEED = 20_240_501
DAYS = 180
WEEK = 168
FEATURES = ["hour", "weekday", "temperature", "week_ago", "usual"]
# Arrivals of each hour against a usual one: quiet at five, busiest before noon and in the evening.
HOURS = np.interp(range(24), [0, 5, 10, 12, 15, 19, 23], [0.7, 0.4, 1.35, 1.4, 1.2, 1.4, 0.85])
WEEKDAYS = np.array([1.15, 1.0, 0.97, 0.96, 1.0, 0.95, 0.97])


def history(days: int = DAYS, seed: int = SEED) -> pd.DataFrame:
    """Arrivals and temperature (°C) for each hour of `days` days; the same seed gives the same history."""
    random = np.random.default_rng(seed)
    hours = pd.date_range("2024-01-01", periods=days * 24, freq="h", name="time")
    day = np.arange(len(hours)) / 24
    season = 8 - 9 * np.cos(2 * np.pi * day / 365)
    temperature = season + 4 * np.sin(2 * np.pi * (day - 0.35)) + random.normal(0, 1.5, len(hours))
    cold = 1 + 0.012 * np.clip(5 - temperature, 0, None)
    rate = 11 * HOURS[hours.hour] * WEEKDAYS[hours.weekday] * cold
    return pd.DataFrame({"arrivals": random.poisson(rate), "temperature": temperature.round(1)}, index=hours)


def features(table: pd.DataFrame) -> pd.DataFrame:
    """What the model sees of each hour: calendar, weather, and the same hour in the weeks before."""
    week_ago = table["arrivals"].shift(WEEK)
    usual = pd.concat([table["arrivals"].shift(WEEK * weeks) for weeks in range(1, 5)], axis=1).mean(axis=1)
    return pd.DataFrame(
        {
            "hour": table.index.hour,
            "weekday": table.index.weekday,
            "temperature": table["temperature"],
            "week_ago": week_ago,
            "usual": usual,
        },
        index=table.index,
    )


def train(table: pd.DataFrame) -> HistGradientBoostingRegressor:
    """A model of arrivals per hour, fitted to all hours that have a week before them."""
    known = features(table).iloc[WEEK:]
    model = HistGradientBoostingRegressor(loss="poisson", max_iter=120, learning_rate=0.06, random_state=0)
    return model.fit(known[FEATURES], table["arrivals"].iloc[WEEK:])


def errors(table: pd.DataFrame, days: int = 14) -> tuple[float, float]:
    """Mean absolute error on the last `days` days: of a model that has not seen them, and of 'a week ago'."""
    model = train(table.iloc[: -days * 24])
    late = features(table).iloc[-days * 24 :]
    actual = table["arrivals"].iloc[-days * 24 :]
    predicted = model.predict(late[FEATURES])
    return float(np.abs(predicted - actual).mean()), float((late["week_ago"] - actual).abs().mean())


def forecast(
    model: HistGradientBoostingRegressor, table: pd.DataFrame, hours: int, warmer: float = 0, surge: float = 1
) -> pd.DataFrame:
    """Expected arrivals for the next `hours` hours (at most a week).

    `warmer` is added to last week's temperatures, in °C; `surge` multiplies the arrivals (flu: 1.3).
    """
    coming = pd.date_range(table.index[-1] + pd.Timedelta(hours=1), periods=hours, freq="h", name="time")
    weather = table["temperature"].iloc[-WEEK:].to_numpy()[:hours] + warmer
    future = pd.DataFrame({"arrivals": np.nan, "temperature": weather}, index=coming)
    seen = features(pd.concat([table, future])).loc[coming]
    return pd.DataFrame({"expected": model.predict(seen[FEATURES]) * surge}, index=coming)

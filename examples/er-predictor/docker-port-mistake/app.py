"""Emergency-room demand: how many patients will come, and how many nurses that takes."""

import numpy as np
import pandas as pd
import streamlit as st

import demand

SHIFTS = {"night": range(8), "day": range(8, 16), "late": range(16, 24)}

st.set_page_config(page_title="ER demand predictor", page_icon="🚑", layout="wide")


@st.cache_data
def history() -> pd.DataFrame:
    return demand.history()


@st.cache_resource
def model():
    return demand.train(history())


@st.cache_data
def errors() -> tuple[float, float]:
    return demand.errors(history())


def shift_table(coming: pd.DataFrame, patients_per_nurse: int) -> pd.DataFrame:
    """Patients and nurses for each shift; the busiest hour of a shift decides how many nurses it needs."""
    names = {hour: name for name, hours in SHIFTS.items() for hour in hours}
    day = coming.index.strftime("%a %d %b")
    shift = coming.index.hour.map(names)
    grouped = coming.groupby([day, shift], sort=False)["expected"]
    table = grouped.agg(patients="sum", busiest="max").round().astype(int)
    table["nurses"] = np.ceil(table["busiest"] / patients_per_nurse).astype(int)
    return table.rename_axis(["day", "shift"]).reset_index().drop(columns="busiest")


with st.sidebar:
    st.header("Scenario")
    hours = st.slider("Hours ahead", 24, demand.WEEK, 72, step=24)
    warmer = st.slider("Temperature against last week, °C", -10, 10, 0)
    patients_per_nurse = st.slider("Patients per nurse and hour", 1, 6, 3)
    wave = st.session_state.setdefault("wave", False)
    if st.button("End the flu wave" if wave else "Start a flu wave", type="primary"):
        st.session_state["wave"] = not wave
        st.rerun()
    st.caption("The history is made up from a fixed seed: no real patient is in it.")

past = history()
coming = demand.forecast(model(), past, hours, warmer, surge=1.3 if st.session_state["wave"] else 1)
model_error, naive_error = errors()

st.title("Emergency-room demand")
if st.session_state["wave"]:
    st.warning("Scenario: a wave of flu, 30 % more arrivals.")

first_day, busiest, quality = st.columns(3)
first_day.metric("Patients in the next 24 h", f"{coming['expected'].iloc[:24].sum():.0f}")
peak = coming["expected"].idxmax()
busiest.metric("Busiest hour", f"{peak:%a %H:00}, {coming['expected'].max():.0f} patients")
quality.metric(
    "Error per hour",
    f"{model_error:.2f}",
    f"{model_error - naive_error:.2f} against 'as a week ago'",
    delta_color="inverse",
)

st.subheader(f"The last three days and the next {hours} hours")
recent = past["arrivals"].iloc[-72:].rename("arrived")
st.line_chart(pd.concat([recent, coming["expected"]], axis=1), y_label="patients per hour")

by_hour, by_shift = st.columns(2)
with by_hour:
    st.subheader("Usual arrivals by hour of day")
    st.bar_chart(past.groupby(past.index.hour)["arrivals"].mean(), x_label="hour", y_label="patients")
with by_shift:
    st.subheader("Staff needed")
    st.dataframe(shift_table(coming, patients_per_nurse), hide_index=True, use_container_width=True)

import gradio as gr


def count(text):
    words = text.split()
    return len(words), len({word.lower() for word in words})


demo = gr.Interface(
    fn=count,
    inputs=gr.Textbox(lines=8, label="Text"),
    outputs=[gr.Number(label="Words"), gr.Number(label="Different words")],
    title="Word counter",
)

if __name__ == "__main__":
    demo.launch()

"""Which distribution provides which import name, where the two differ.

A name that is not in the table is taken to be provided by the distribution of the same normalised name.
The first
distribution of a row is the one to recommend. Dotted names are portions of namespace packages: the
longest that fits
counts. Source: the top-level names inside the distributions' own wheels.
"""

from __future__ import annotations

_ROWS = """
AutoROM=autorom Bio=biopython Cryptodome=pycryptodomex Crypto=pycryptodome Cython=cython IPython=ipython
Image=pillow Levenshtein=levenshtein|python-levenshtein MySQLdb=mysqlclient
PTN=parse-torrent-title|parse-torrent-name OpenGL=pyopengl OpenSSL=pyopenssl PIL=pillow|pillow-simd
PyPDF2=pypdf2 PyPDF4=pypdf4 PyQt5=pyqt5 PyQt6=pyqt6 RPi=rpi-gpio SPARQLWrapper=sparqlwrapper
SmartApi=smartapi-python Stemmer=pystemmer TTS=coqui-tts|tts Xlib=python-xlib absl=absl-py
agents=openai-agents ahocorasick=pyahocorasick aiogoogle=aiogoogle apscheduler=apscheduler
arabic_reshaper=arabic-reshaper assemblyai=assemblyai async_lru=async-lru attr=attrs
autogen=pyautogen|ag2|autogen autogen_agentchat=autogen-agentchat autogen_core=autogen-core
autogen_ext=autogen-ext azure.cognitiveservices.speech=azure-cognitiveservices-speech
azure.identity=azure-identity azure.storage.blob=azure-storage-blob
azure.ai.inference=azure-ai-inference azure.cosmos=azure-cosmos
azure.search.documents=azure-search-documents backports=backports-zoneinfo basicsr=basicsr|basicsr-fixed
bidi=python-bidi bert_score=bert-score binance=python-binance bitsandbytes=bitsandbytes bm25s=bm25s
box=python-box brotli=brotli bs4=beautifulsoup4|bs4 bson=pymongo|bson caio=caio cairo=pycairo
cairosvg=cairosvg cffi=cffi chess=chess|python-chess clip=openai-clip|clip-anytorch|clip
cloudinary=cloudinary cmapy=cmapy configargparse=configargparse consul=python-consul
controlnet_aux=controlnet-aux corsheaders=django-cors-headers crewai_tools=crewai-tools
crispy_forms=django-crispy-forms cssutils=cssutils
cv2=opencv-python|opencv-python-headless|opencv-contrib-python|opencv-contrib-python-headless
cvzone=cvzone datasets=datasets dateparser=dateparser dateutil=python-dateutil dbus=dbus-python
ddgs=ddgs decouple=python-decouple deepdanbooru=deepdanbooru deep_translator=deep-translator
deepspeed=deepspeed detectron2=detectron2 discord=discord-py|py-cord dj_database_url=dj-database-url
django_filters=django-filter dns=dnspython docker=docker docx=python-docx|docx docx2txt=docx2txt
docxtpl=docxtpl dotenv=python-dotenv drf_spectacular=drf-spectacular drf_yasg=drf-yasg
dtaidistance=dtaidistance duckduckgo_search=duckduckgo-search easydict=easydict ebooklib=ebooklib
edge_tts=edge-tts ee=earthengine-api email_validator=email-validator engineio=python-engineio
en_core_web_lg=en-core-web-lg en_core_web_md=en-core-web-md en_core_web_sm=en-core-web-sm espnet2=espnet
exa_py=exa-py facenet_pytorch=facenet-pytorch facexlib=facexlib face_recognition=face-recognition
faiss=faiss-cpu|faiss-gpu|faiss-gpu-cu12|faiss-gpu-cu11|faiss fastapi_mail=fastapi-mail
faster_whisper=faster-whisper fer=fer ffmpeg=ffmpeg-python|python-ffmpeg firebase_admin=firebase-admin
firecrawl=firecrawl-py|firecrawl fitz=pymupdf|pymupdfb flask=flask flask_bcrypt=flask-bcrypt
flask_caching=flask-caching flask_compress=flask-compress flask_cors=flask-cors
flask_jwt_extended=flask-jwt-extended flask_limiter=flask-limiter flask_login=flask-login
flask_mail=flask-mail flask_migrate=flask-migrate flask_restful=flask-restful
flask_session=flask-session flask_socketio=flask-socketio flask_sqlalchemy=flask-sqlalchemy
flask_wtf=flask-wtf fpdf=fpdf2|fpdf freetype=freetype-py funcy=funcy fuzzywuzzy=fuzzywuzzy gTTS=gtts
geopandas=geopandas gfpgan=gfpgan git=gitpython github=pygithub gi=pygobject gluoncv=gluoncv
google.adk=google-adk google.ai.generativelanguage=google-ai-generativelanguage
google.api_core=google-api-core google.appengine=appengine-python-standard google.auth=google-auth
google.cloud.aiplatform=google-cloud-aiplatform google.cloud.bigquery=google-cloud-bigquery
google.cloud.firestore=google-cloud-firestore|firebase-admin google.cloud.language=google-cloud-language
google.cloud.logging=google-cloud-logging google.cloud.secretmanager=google-cloud-secret-manager
google.cloud.speech=google-cloud-speech google.cloud.storage=google-cloud-storage
google.cloud.texttospeech=google-cloud-texttospeech google.cloud.translate=google-cloud-translate
google.cloud.translate_v2=google-cloud-translate google.cloud.vision=google-cloud-vision
google.colab=google-colab google.genai=google-genai google.generativeai=google-generativeai
google.oauth2=google-auth google.protobuf=protobuf google_auth_oauthlib=google-auth-oauthlib
googleapiclient=google-api-python-client googlesearch=googlesearch-python|google googletrans=googletrans
graphviz=graphviz groundingdino=groundingdino-py grpc=grpcio grpc_status=grpcio-status gtts=gtts gym=gym
h5py=h5py haystack=haystack-ai|farm-haystack hdbscan=hdbscan hydra=hydra-core
igraph=igraph|python-igraph imagehash=imagehash imblearn=imbalanced-learn imageio_ffmpeg=imageio-ffmpeg
imutils=imutils inference_sdk=inference-sdk insightface=insightface ipywidgets=ipywidgets
itsdangerous=itsdangerous jose=python-jose jwt=pyjwt kafka=kafka-python|kafka-python-ng
keras=keras|tensorflow|tensorflow-cpu kiteconnect=kiteconnect kokoro=kokoro konlpy=konlpy ktrain=ktrain
langchain_classic=langchain-classic lavis=salesforce-lavis leafmap=leafmap ldm=ldm lightning=lightning
lime=lime linkedin_api=linkedin-api llama_cpp=llama-cpp-python llama_index=llama-index|llama-index-core
llama_index.core=llama-index-core|llama-index
llama_index.embeddings.huggingface=llama-index-embeddings-huggingface
llama_index.llms.groq=llama-index-llms-groq llama_index.llms.openai=llama-index-llms-openai|llama-index
llama_index.llms.huggingface=llama-index-llms-huggingface
llama_index.readers.file=llama-index-readers-file|llama-index
llama_parse=llama-parse|llama-cloud-services lmdb=lmdb logzero=logzero lpips=lpips lxml=lxml
lxml_html_clean=lxml-html-clean magic=python-magic|python-magic-bin mammoth=mammoth markdown=markdown
markdown2=markdown2 markupsafe=markupsafe matplotlib=matplotlib mmcv=mmcv|mmcv-full mmdet=mmdet
mpl_toolkits=matplotlib|basemap msgpack=msgpack mysql=mysql-connector-python|mysql-connector nacl=pynacl
neo4j=neo4j newspaper=newspaper3k|newspaper4k nltk=nltk nmslib=nmslib notion_client=notion-client
OpenHosta=openhosta odf=odfpy oauth2client=oauth2client oauthlib=oauthlib okt=konlpy ollama=ollama
omegaconf=omegaconf open_clip=open-clip-torch openai=openai openenv=openenv-core|openenv
openpyxl=openpyxl opensearchpy=opensearch-py orjson=orjson osgeo=gdal osmnx=osmnx
paddle=paddlepaddle|paddlepaddle-gpu paddleocr=paddleocr pandas_ta=pandas-ta|pandas-ta-classic
pandas_profiling=pandas-profiling parler_tts=parler-tts passlib=passlib pdfminer=pdfminer-six|pdfminer
peewee=peewee phonemizer=phonemizer|phonemizer-fork phi=phidata pinecone=pinecone|pinecone-client
pkg_resources=setuptools plyer=plyer pptx=python-pptx prettytable=prettytable
progressbar=progressbar2|progressbar psycopg=psycopg psycopg2=psycopg2-binary|psycopg2 pwinput=pwinput
pyaudio=pyaudio pyannote=pyannote-audio|pyannote-core pyannote.audio=pyannote-audio
pycocotools=pycocotools pydantic_ai=pydantic-ai|pydantic-ai-slim pydantic_settings=pydantic-settings
pydub=pydub pygame=pygame|pygame-ce pylab=matplotlib pymupdf=pymupdf pymupdf4llm=pymupdf4llm
pymysql=pymysql pynput=pynput pyrogram=pyrogram|kurigram|pyrofork|pyrotgfork pysrt=pysrt pysbd=pysbd
pyspark=pyspark pytesseract=pytesseract python_multipart=python-multipart
multipart=python-multipart|multipart pythoncom=pywin32 pytorch_grad_cam=grad-cam
pytorch_lightning=pytorch-lightning pytorch_fid=pytorch-fid pytube=pytube pytubefix=pytubefix pytz=pytz
pyttsx3=pyttsx3 pywintypes=pywin32 qdrant_client=qdrant-client rank_bm25=rank-bm25 razorpay=razorpay
realesrgan=realesrgan regex=regex rembg=rembg replicate=replicate requests_html=requests-html
requests_oauthlib=requests-oauthlib rest_framework=djangorestframework
rest_framework_simplejwt=djangorestframework-simplejwt resemblyzer=resemblyzer rouge=rouge
rouge_score=rouge-score ruamel=ruamel-yaml sacremoses=sacremoses saspy=saspy sb3_contrib=sb3-contrib
segment_anything=segment-anything segmentation_models_pytorch=segmentation-models-pytorch
sentence_transformers=sentence-transformers sentencepiece=sentencepiece serial=pyserial
serpapi=google-search-results|serpapi setuptools=setuptools shap=shap
simple_salesforce=simple-salesforce skimage=scikit-image sklearn=scikit-learn
sklearn_crfsuite=sklearn-crfsuite skopt=scikit-optimize slack_bolt=slack-bolt slack_sdk=slack-sdk
slugify=python-slugify smbus=smbus snowflake=snowflake-connector-python socketio=python-socketio
socks=pysocks sounddevice=sounddevice soundfile=soundfile spacy_streamlit=spacy-streamlit
speech_recognition=speechrecognition speechbrain=speechbrain sqlalchemy=sqlalchemy
st_aggrid=streamlit-aggrid stable_baselines3=stable-baselines3 stop_words=stop-words
streamlit_lottie=streamlit-lottie streamlit_option_menu=streamlit-option-menu stripe=stripe
supabase=supabase surprise=scikit-surprise swarm=openai-swarm tables=tables tabula=tabula-py
talib=ta-lib tavily=tavily-python telebot=pytelegrambotapi telegram=python-telegram-bot
tensorflow=tensorflow|tensorflow-cpu|tensorflow-gpu|tf-nightly|intel-tensorflow
tensorflow_addons=tensorflow-addons tensorflow_datasets=tensorflow-datasets
tensorflow_hub=tensorflow-hub tensorflow_text=tensorflow-text terminaltables=terminaltables
textdistance=textdistance tf_keras=tf-keras tflite_runtime=tflite-runtime thefuzz=thefuzz
tiktoken=tiktoken timm=timm tinydb=tinydb tlz=toolz together=together torch_geometric=torch-geometric
transformers=transformers tree_sitter=tree-sitter trafilatura=trafilatura twilio=twilio umap=umap-learn
unidecode=unidecode usb=pyusb vaderSentiment=vadersentiment vertexai=google-cloud-aiplatform vllm=vllm
vosk=vosk vtk=vtk vtkmodules=vtk webdriver_manager=webdriver-manager websocket=websocket-client
websockets=websockets webrtcvad=webrtcvad|webrtcvad-wheels werkzeug=werkzeug whisper=openai-whisper
whisper_timestamped=whisper-timestamped whisperx=whisperx win32api=pywin32 win32com=pywin32
win32con=pywin32 win32gui=pywin32 winsound= wx=wxpython xlsxwriter=xlsxwriter yaml=pyyaml
youtube_dl=youtube-dl youtube_transcript_api=youtube-transcript-api yolov5=yolov5
ydata_profiling=ydata-profiling yt_dlp=yt-dlp zmq=pyzmq zoneinfo=
lightning_fabric=lightning|pytorch-lightning alpaca=alpaca-py alpaca_trade_api=alpaca-trade-api
fake_useragent=fake-useragent bing_image_downloader=bing-image-downloader
dash_bootstrap_components=dash-bootstrap-components flask_pymongo=flask-pymongo
gradio_client=gradio-client huggingface_hub=huggingface-hub pyrebase=pyrebase4|pyrebase quart=quart
spotipy=spotipy sse_starlette=sse-starlette starlette=starlette tls_client=tls-client stanza=stanza
unstructured=unstructured underthesea=underthesea ultralytics=ultralytics|ultralytics-opencv-headless
nemo=nemo-toolkit sam2=sam2 simplejson=simplejson wikipediaapi=wikipedia-api xformers=xformers
gspread=gspread asyncpg=asyncpg aiosqlite=aiosqlite ephem=ephem swisseph=pyswisseph tgcrypto=tgcrypto
TgCrypto=tgcrypto motor=motor gridfs=pymongo pymongo=pymongo redis=redis certifi=certifi
charset_normalizer=charset-normalizer typing_extensions=typing-extensions pyarrow=pyarrow
_cffi_backend=cffi matlab=matlabengine pyzbar=pyzbar qrcode=qrcode barcode=python-barcode ics=ics
pysqlite3=pysqlite3-binary|pysqlite3 wandb=wandb markitdown=markitdown docling=docling
pypdfium2=pypdfium2 streamlit_authenticator=streamlit-authenticator streamlit_chat=streamlit-chat
streamlit_cropper=streamlit-cropper streamlit_drawable_canvas=streamlit-drawable-canvas
streamlit_extras=streamlit-extras streamlit_folium=streamlit-folium
streamlit_mic_recorder=streamlit-mic-recorder streamlit_webrtc=streamlit-webrtc
streamlit_js_eval=streamlit-js-eval streamlit_autorefresh=streamlit-autorefresh
audio_recorder_streamlit=audio-recorder-streamlit st_audiorec=streamlit-audiorec
extra_streamlit_components=extra-streamlit-components pymatgen=pymatgen ase=ase
openbabel=openbabel-wheel|openbabel rdkit=rdkit|rdkit-pypi deepchem=deepchem dgl=dgl prophet=prophet
fbprophet=fbprophet autocorrect=autocorrect spellchecker=pyspellchecker symspellpy=symspellpy
language_tool_python=language-tool-python sumy=sumy textstat=textstat resend=resend jsonlines=jsonlines
humanize=humanize dateutil.parser=python-dateutil Xformers=xformers aiortc=aiortc av=av moviepy=moviepy
decord=decord|eva-decord face_alignment=face-alignment mediapipe=mediapipe mtcnn=mtcnn
dlib=dlib|dlib-bin nudenet=nudenet trimesh=trimesh open3d=open3d|open3d-cpu pyrender=pyrender
tripo3d=tripo3d keybert=keybert bertopic=bertopic setfit=setfit textblob=textblob wordcloud=wordcloud
pyngrok=pyngrok flask_ngrok=flask-ngrok nest_asyncio=nest-asyncio aiofiles=aiofiles
simple_lama_inpainting=simple-lama-inpainting invisible_watermark=invisible-watermark
imwatermark=invisible-watermark taming=taming-transformers|taming-transformers-rom1504
k_diffusion=k-diffusion safetensors=safetensors flash_attn=flash-attn auto_gptq=auto-gptq awq=autoawq
optimum=optimum onnxruntime=onnxruntime|onnxruntime-gpu openvino=openvino curl_cffi=curl-cffi
cloudscraper=cloudscraper undetected_chromedriver=undetected-chromedriver pyautogui=pyautogui
pyperclip=pyperclip nacos=nacos-sdk-python loguru=loguru pythonjsonlogger=python-json-logger
prometheus_client=prometheus-client prometheus_fastapi_instrumentator=prometheus-fastapi-instrumentator
opentelemetry=opentelemetry-api|opentelemetry-sdk pymilvus=pymilvus weaviate=weaviate-client
elasticsearch=elasticsearch cassandra=cassandra-driver bcrypt=bcrypt argon2=argon2-cffi itchat=itchat
pypinyin=pypinyin jieba=jieba fugashi=fugashi MeCab=mecab-python3 pyopenjtalk=pyopenjtalk janome=janome
cn2an=cn2an inflect=inflect num2words=num2words g2p_en=g2p-en pyworld=pyworld fairseq=fairseq
espeakng=espeakng noisereduce=noisereduce demucs=demucs spleeter=spleeter audiocraft=audiocraft
pretty_midi=pretty-midi mido=mido music21=music21 audio_separator=audio-separator torchcrepe=torchcrepe
parselmouth=praat-parselmouth tslearn=tslearn sktime=sktime darts=darts|u8darts gluonts=gluonts
neuralprophet=neuralprophet pmdarima=pmdarima arch=arch vectorbt=vectorbt cvxpy=cvxpy ortools=ortools
pulp=pulp pyomo=pyomo deap=deap econml=econml dowhy=dowhy interpret=interpret alibi=alibi
pycaret=pycaret tpot=tpot h2o=h2o autogluon=autogluon|autogluon-tabular
autogluon.tabular=autogluon-tabular|autogluon
"""

DISTRIBUTIONS: dict[str, str] = {
    name: row.replace("|", " ") for name, _, row in (item.partition("=") for item in _ROWS.split())
}
"""Distributions by import name, separated by blanks; empty for a module of another system."""

WINDOWS_ONLY = (
    "pythoncom",
    "pywintypes",
    "win32api",
    "win32com",
    "win32con",
    "win32gui",
    "winsound",
    "msvcrt",
    "_winapi",
    "winreg",
)
"""Modules that exist on Windows only; code that imports them usually guards it."""

REMOVED_FROM_STDLIB: dict[str, str] = {
    "asynchat": "3.12", "asyncore": "3.12", "distutils": "3.12", "imp": "3.12", "smtpd": "3.12",
    "aifc": "3.13", "audioop": "3.13", "cgi": "3.13", "cgitb": "3.13", "chunk": "3.13", "crypt": "3.13",
    "imghdr": "3.13", "mailcap": "3.13", "msilib": "3.13", "nis": "3.13", "nntplib": "3.13",
    "ossaudiodev": "3.13",
    "pipes": "3.13", "sndhdr": "3.13", "spwd": "3.13", "sunau": "3.13", "telnetlib": "3.13", "uu": "3.13",
    "xdrlib": "3.13", "lib2to3": "3.13",
    "binhex": "3.11", "formatter": "3.10", "parser": "3.10", "symbol": "3.10", "macpath": "3.8",
}  # fmt: skip
"""Standard modules by the first Python without them (Python's own 'What's New', PEP 594)."""

REPLACEMENTS: dict[str, str] = {
    "audioop": "audioop-lts", "imghdr": "standard-imghdr", "cgi": "legacy-cgi",
    "telnetlib": "standard-telnetlib",
    "distutils": "setuptools", "pipes": "standard-pipes", "sndhdr": "standard-sndhdr",
    "aifc": "standard-aifc",
    "sunau": "standard-sunau", "chunk": "standard-chunk", "crypt": "legacy-crypt",
    "nntplib": "standard-nntplib",
    "asyncore": "pyasyncore", "asynchat": "pyasynchat",
}  # fmt: skip
"""Distributions that bring a removed module back under its name."""


def distributions(module: str) -> tuple[str, ...]:
    """The distributions known to provide `module` (dotted), best first; empty when the table has none."""
    parts = module.split(".")
    for length in range(min(len(parts), 4), 0, -1):
        row = DISTRIBUTIONS.get(".".join(parts[:length]))
        if row is not None:
            return tuple(row.split())
    return ()


def is_standard(module: str, python: str) -> bool:
    """Whether the top name of `module` is part of Python `python` ('3.13')."""
    import sys

    top = module.partition(".")[0]
    gone = REMOVED_FROM_STDLIB.get(top)
    if top == "__main__":
        return True
    if gone is not None:
        return _minor(python) < _minor(gone)
    if top in sys.stdlib_module_names or top in WINDOWS_ONLY:
        return True
    return top in {"tomllib"} and _minor(python) >= 11


def _minor(python: str) -> int:
    parts = python.split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 99

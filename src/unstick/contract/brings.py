"""What common distributions bring along: their direct dependencies by name, extras as rows of their own
(`name[extra]`).

Worked out with `uv pip compile` for Python 3.12 on Linux, x86-64, November 2026, together with what
earlier releases
brought (their own metadata), so that an import is not called missing for a pin of that time. Without a
resolution this
answers only the question whether an import may be provided; a resolution answers it exactly.
"""

from __future__ import annotations

_ROWS = """
accelerate=huggingface-hub|numpy|packaging|psutil|pyyaml|safetensors|torch aiodns=pycares aiofile=caio
aiogram=aiohttp|babel|certifi
aiohttp=aiohappyeyeballs|aiosignal|attrs|frozenlist|multidict|propcache|typing-extensions|yarl
aiohttp-retry=aiohttp aioice=dnspython|ifaddr
aiortc=aioice|av|cryptography|google-crc32c|pyee|pylibsrtp|pyopenssl
aiosignal=frozenlist|typing-extensions albucore=numpy|opencv-python-headless|simsimd|stringzilla
albumentations=albucore|numpy|opencv-python-headless|pydantic|pyyaml|scipy
alembic=mako|sqlalchemy|typing-extensions altair=jinja2|jsonschema|narwhals|packaging|typing-extensions
amqp=vine
anthropic=anyio|docstring-parser|httpx2|jiter|opentelemetry-api|pydantic|sniffio|typing-extensions
anyio=idna|typing-extensions apscheduler=tzlocal
argostranslate=ctranslate2|minisbd|packaging|sacremoses|sentencepiece|spacy|stanza arxiv=lxml|requests
astunparse=six|wheel
audiocraft=av|demucs|einops|encodec|gradio|hydra-core|julius|librosa|num2words|numpy|sentencepiece
audiocraft=spacy|torch|torchaudio|tqdm|transformers|xformers
auth0-python=aiohttp|cryptography|httpx|pydantic|pydantic-core|pyjwt|requests|typing-extensions|urllib3
authlib=cryptography|joserfc autogen=diskcache|docker|numpy|openai|pydantic|python-dotenv|tiktoken
autogen-agentchat=autogen-core
autogen-core=jsonref|opentelemetry-api|pillow|protobuf|pydantic|typing-extensions autograd=numpy
azure-core=requests|typing-extensions
azure-identity=azure-core|cryptography|msal|msal-extensions|typing-extensions
azure-storage-blob=azure-core|cryptography|isodate|typing-extensions backtesting=bokeh|numpy|pandas
banks=deprecated|filetype|griffe|jinja2|platformdirs|pydantic
basicsr=addict|future|lmdb|numpy|opencv-python|pillow|pyyaml|requests|scikit-image|scipy|tb-|nightly
basicsr=torch|torchvision|tqdm|yapf
beautifulsoup4=soupsieve|typing-extensions
bertopic=hdbscan|numpy|pandas|plotly|scikit-learn|sentence-transformers|tqdm|umap-learn biopython=numpy
bitsandbytes=numpy|packaging|torch blis=numpy
bokeh=jinja2|narwhals|numpy|packaging|pillow|pyyaml|tornado|xyzservices
boto3=botocore|jmespath|s3transfer botocore=jmespath|python-dateutil|urllib3 branca=jinja2
build=packaging|pyproject-hooks cachecontrol=msgpack|requests
catboost=graphviz|matplotlib|numpy|pandas|plotly|scipy|six
ccxt=aiodns|aiohttp|certifi|coincurve|cryptography|requests|setuptools|typing-extensions|yarl
celery=billiard|click|click-didyoumean|click-plugins|click-repl|kombu|python-dateutil|tzlocal|vine
celery[redis]=redis cffi=pycparser
chromadb=bcrypt|build|duckdb|fastapi|grpcio|httpx|importlib-resources|jsonschema|kubernetes|mmh3
chromadb=numpy|onnxruntime|opentelemetry-api|opentelemetry-exporter-otlp-proto-grpc|opentelemetry-
chromadb=sdk|orjson|overrides|pandas|posthog|pybase64|pydantic|pydantic-settings|pypika|pyyaml
chromadb=requests|rich|tenacity|tokenizers|tqdm|typer|typing-extensions|uvicorn
click-didyoumean=click click-plugins=click click-repl=click|prompt-toolkit|typing-extensions
cmdstanpy=numpy|pandas|stanio|tqdm
cohere=fastavro|httpx|pydantic|pydantic-core|requests|tokenizers|types-requests|typing-extensions
contourpy=numpy
controlnet-aux=einops|filelock|huggingface-hub|importlib-metadata|numpy|opencv-python-headless
controlnet-aux=pillow|scikit-image|scipy|timm|torch|torchvision
coqui-tts=librosa|numpy|torch|torchaudio|transformers
crewai=appdirs|auth0-python|blinker|chromadb|click|instructor|json-repair|json5|jsonref|langchain
crewai=litellm|openai|openpyxl|opentelemetry-api|opentelemetry-exporter-otlp-proto-http
crewai=opentelemetry-sdk|pdfplumber|pydantic|python-dotenv|pyvis|regex|tomli|tomli-w|uv
crewai-tools=beautifulsoup4|chromadb|crewai|lancedb|pydantic|pyright|pytube|requests
crewai[tools]=crewai-tools cryptography=cffi cssselect2=tinycss2|webencodings
csvw=babel|isodate|jsonschema|language-tags|python-dateutil|rdflib|rfc3986|termcolor|uritemplate
ctranslate2=numpy|pyyaml cuda-bindings=cuda-pathfinder
cuda-toolkit=nvidia-cublas|nvidia-cuda-cupti|nvidia-cuda-nvrtc|nvidia-cuda-runtime|nvidia-cufft
cuda-toolkit=nvidia-|cufile|nvidia-cusolver|nvidia-cusparse|nvidia-nvjitlink|nvidia-nvtx
curated-tokenizers=regex curated-transformers=torch curl-cffi=certifi|cffi
cwevals=anyio|distro|httpx|pydantic|sniffio|typing-extensions
cyclopts=attrs|docstring-parser|rich|rich-rst cytoolz=toolz
dash=comm|flask|importlib-metadata|janus|nest-asyncio|plotly|pydantic|requests|retrying|setuptools
dash=typing-extensions|werkzeug
databricks-sdk=google-auth|protobuf|requests|urllib3 dataclasses-json=marshmallow|typing-inspect
datasets=aiohttp|dill|filelock|fsspec|httpx|huggingface-hub|multiprocess|numpy|packaging|pandas
datasets=pyarrow|pyyaml|requests|responses|tqdm|xxhash
datasets[audio]=librosa|soundfile|torchcodec datasets[vision]=pillow
deep-translator=beautifulsoup4|requests
deepface=fire|flask|flask-cors|gdown|gunicorn|keras|mtcnn|numpy|onnxruntime|opencv-contrib-python-
deepface=headless|opencv-python|pandas|pillow|requests|retina-face|tensorflow|tqdm
deprecated=wrapt deprecation=packaging diastatic-malt=termcolor
diffusers=filelock|huggingface-hub|importlib-metadata|numpy|pillow|regex|requests|safetensors
discord-py=aiohttp django=asgiref|sqlparse djangorestframework=django docker=requests|urllib3
dspy=anyio|cachetools|cloudpickle|diskcache|gepa|json-repair|jsonschema|litellm|openai|orjson
dspy=pydantic|pyyaml|regex|requests|tenacity|tqdm
duckduckgo-search=click|lxml|primp
easyocr=ninja|numpy|opencv-python-headless|pillow|pyclipper|python-bidi|pyyaml|scikit-image|scipy
easyocr=shapely|torch|torchvision
ecdsa=six edge-tts=aiohttp|certifi|tabulate|typing-extensions email-validator=dnspython|idna
eth-abi=eth-typing|eth-utils|parsimonious
eth-account=bitarray|ckzg|eth-abi|eth-keyfile|eth-keys|eth-rlp|eth-utils|hexbytes|pydantic|rlp
eth-hash=pycryptodome eth-keyfile=eth-keys|eth-utils|py-ecc|pycryptodome eth-keys=eth-typing|eth-utils
eth-rlp=eth-utils|hexbytes|rlp eth-typing=typing-extensions
eth-utils=cytoolz|eth-hash|eth-typing|pydantic
evaluate=datasets|dill|fsspec|huggingface-hub|multiprocess|numpy|packaging|pandas|requests|tqdm|xxhash
exceptiongroup=typing-extensions facenet-pytorch=numpy|pillow|requests|torch|torchvision|tqdm
faiss-cpu=numpy|packaging fastapi=annotated-doc|pydantic|starlette|typing-extensions|typing-inspection
fastapi-cli=fastapi-cloud-cli|rich-toolkit|typer|uvicorn
fastapi-cloud-cli=agent-detector|detect-installer|fastar|httpx|pydantic|rich-toolkit|rignore
fastapi-cloud-cli=sentry-sdk|typer|uvicorn
fastapi-users[sqlalchemy]=sqlalchemy
fastapi[all]=email-validator|fastapi-cli|httpx|jinja2|pydantic-extra-types|pydantic-settings|python-
fastapi[all]=multipart|uvicorn
fastapi[standard]=email-validator|fastapi-cli|httpx|jinja2|pydantic-extra-types|pydantic-settings
fastapi[standard]=python-|multipart|uvicorn
faster-whisper=av|ctranslate2|huggingface-hub|onnxruntime|tokenizers|tqdm fastmcp=fastmcp-slim
fastmcp-slim=authlib|cyclopts|exceptiongroup|griffelib|httpx|httpx2|joserfc|jsonref|jsonschema-path
fastmcp-slim=mcp|mcp-types|openapi-pydantic|opentelemetry-api|packaging|platformdirs
fastmcp-slim=py-key-value-aio|pydantic|pydantic-settings|pyperclip|python-dotenv|python-multipart
fastmcp-slim=pyyaml|rich|starlette|typing-extensions|uncalled-for|uvicorn|watchfiles|websockets
fastrtc=aioice|aiortc|gradio|librosa|numba|numpy
fer=facenet-pytorch|ffmpeg|keras|moviepy|mtcnn|opencv-contrib-python|pandas|pillow|requests
fer=tensorflow|tqdm
firebase-admin=cachecontrol|google-api-core|google-cloud-firestore|google-cloud-storage|httpx|pyjwt
flashrank=numpy|onnxruntime|requests|tokenizers|tqdm
flask=blinker|click|itsdangerous|jinja2|markupsafe|werkzeug flask-cors=flask|werkzeug
flask-jwt-extended=flask|pyjwt|werkzeug flask-limiter=flask|limits|ordered-set|typing-extensions
flask-login=flask|werkzeug flask-mail=blinker|flask
flask-socketio=blinker|click|flask|jinja2|python-socketio|werkzeug flask-sqlalchemy=flask|sqlalchemy
flask[async]=asgiref folium=branca|jinja2|numpy|requests|xyzservices fonttools=brotli|zopfli
formulaic=interface-meta|narwhals|numpy|pandas|scipy|typing-extensions|wrapt
fpdf2=defusedxml|fonttools|pillow fsspec=aiohttp
funasr=editdistance|hydra-core|jaconv|jamo|jieba|kaldiio|librosa|modelscope|oss2|pyyaml|requests
funasr=scipy|sentencepiece|soundfile|tensorboardx|torch-complex|tqdm|umap-learn
gdown=beautifulsoup4|filelock|requests|tqdm|urllib3 genai-prices=httpx2|pydantic
geopandas=numpy|packaging|pandas|pyogrio|pyproj|shapely
gfpgan=basicsr|facexlib|lmdb|numpy|opencv-python|pyyaml|scipy|tb-nightly|torch|torchvision|tqdm|yapf
gitdb=smmap gitpython=gitdb
google-adk=fastapi|google-cloud-aiplatform|google-genai|litellm|mcp|pydantic|python-dotenv
google-adk=sqlalchemy|uvicorn
google-ai-generativelanguage=google-api-core|google-auth|proto-plus|protobuf
google-api-core=google-auth|googleapis-common-protos|grpcio|grpcio-status|opentelemetry-api
google-api-core=proto-plus|protobuf|requests
google-api-python-client=google-api-core|google-auth|google-auth-httplib2|httplib2|uritemplate
google-auth=cryptography|pyasn1-modules|requests google-auth-httplib2=google-auth|httplib2
google-auth-oauthlib=google-auth|requests-oauthlib
google-cloud-aiplatform=certifi|docstring-parser|google-api-core|google-auth|google-cloud-bigquery
google-cloud-aiplatform=google-cloud-|resource-manager|google-cloud-storage|google-genai|packaging
google-cloud-aiplatform=proto-plus|protobuf|pydantic|typing-extensions
google-cloud-bigquery=google-api-core|google-auth|google-cloud-core|google-resumable-media|packaging
google-cloud-bigquery=python-|dateutil|requests
google-cloud-core=google-api-core|google-auth
google-cloud-firestore=google-api-core|google-auth|google-cloud-core|grpcio|proto-plus|protobuf
google-cloud-resource-manager=google-api-core|google-auth|grpc-google-iam-v1|grpcio|proto-plus|protobuf
google-cloud-storage=google-api-core|google-auth|google-cloud-core|google-crc32c
google-cloud-storage=google-resumable-media|requests
google-cloud-texttospeech=google-api-core|google-auth|grpcio|proto-plus|protobuf
google-genai=anyio|distro|google-auth|httpx|pydantic|requests|sniffio|tenacity|typing-extensions
google-genai=websockets
google-generativeai=google-ai-generativelanguage|google-api-core|google-api-python-client
google-generativeai=google-auth|protobuf|pydantic|tqdm|typing-extensions
google-pasta=six google-resumable-media=google-crc32c googleapis-common-protos=grpcio|protobuf
googletrans=httpx
gradio=anyio|brotli|fastapi|gradio-client|groovy
gradio=hf-gradio|httpx|huggingface-hub|jinja2
gradio=markupsafe|numpy|orjson|packaging|pandas|pillow|pydantic
gradio=pydub|python-multipart|pytz|pyyaml|requests|safehttpx|semantic-version|starlette|tomlkit
gradio=typer|typing-extensions|uvicorn|websockets
gradio-client=fsspec|httpx|huggingface-hub|packaging|requests|typing-extensions|websockets
gradio[mcp]=mcp|pydantic gradio[oauth]=authlib|itsdangerous
graphene=graphql-core|graphql-relay|python-dateutil|typing-extensions graphql-relay=graphql-core
griffe=griffecli|griffelib griffecli=colorama|griffelib
groq=anyio|distro|httpx|pydantic|sniffio|typing-extensions
grpc-google-iam-v1=googleapis-common-protos|grpcio|protobuf grpcio=typing-extensions
grpcio-status=googleapis-common-protos|grpcio|protobuf gspread=google-auth|google-auth-oauthlib
gtts=click|requests|six gym=cloudpickle|numpy
gymnasium=cloudpickle|farama-notifications|numpy|typing-extensions h2=hpack|hyperframe h5py=numpy
hf-gradio=gradio-client|typer holidays=python-dateutil httpcore=certifi|h11 httpcore2=h11|truststore
httplib2=pyparsing httpx=anyio|certifi|h2|httpcore|idna
httpx2=anyio|httpcore2|idna|truststore|typing-extensions httpx[http2]=h2
huggingface-hub=click|filelock|fsspec|hf-xet|httpx|httpx2|packaging|pyyaml|requests|tqdm
huggingface-hub=typing-extensions
huggingface-hub[inference]=aiohttp hyperlink=idna imageio=numpy|pillow
imbalanced-learn=joblib|numpy|scikit-learn|scipy|sklearn-compat|threadpoolctl
importlib-metadata=lazy-importer|zipp incremental=packaging
insightface=albumentations|cython|easydict|matplotlib|numpy|onnx|pillow|prettytable|requests|scikit-
insightface=image|scikit-learn|scipy|tqdm
instructor=aiohttp|click|docstring-parser|idna|jinja2|jiter|openai|pydantic|pydantic-core|regex
instructor=requests|rich|tenacity|typer|urllib3
ipykernel=comm|debugpy|ipython|jupyter-client|jupyter-core|matplotlib-inline|nest-asyncio2|packaging
ipykernel=pyzmq|tornado|traitlets
ipython=ipython-pygments-lexers|jedi|matplotlib-inline|pexpect|prompt-toolkit|psutil|pygments
ipython=stack-data|traitlets
ipython-pygments-lexers=pygments ipyvue=ipywidgets ipyvuetify=ipyvue
ipywidgets=comm|ipython|jupyterlab-widgets|traitlets|widgetsnbextension
itemloaders=itemadapter|jmespath|parsel jaraco-classes=more-itertools jaraco-functools=more-itertools
jedi=parso jinja2=markupsafe jiwer=click|rapidfuzz joblib=cloudpickle joserfc=cryptography
jsonpatch=jsonpointer jsonschema=attrs|jsonschema-specifications|referencing|rpds-py
jsonschema-path=attrs|pathable|pyyaml|referencing jsonschema-specifications=referencing
jupyter-client=jupyter-core|python-dateutil|pyzmq|tornado|traitlets|typing-extensions
jupyter-core=platformdirs|traitlets keras=absl-py|h5py|ml-dtypes|namex|numpy|optree|packaging|rich
keybert=numpy|rich|scikit-learn|sentence-transformers
keyring=jaraco-classes|jaraco-context|jaraco-functools|jeepney|secretstorage
kokoro=huggingface-hub|loguru|misaki|numpy|torch|transformers kombu=amqp|vine
kornia=kornia-rs|numpy|torch
kubernetes=aiohttp|aiohttp-retry|certifi|durationpy|oauthlib|pydantic|python-dateutil|pyyaml
kubernetes=requests|requests-oauthlib|typing-extensions|urllib3|websocket-client
langchain=aiohttp|langchain-community|langchain-core|langchain-text-splitters|langgraph|langsmith
langchain=numpy|pydantic|pyyaml|requests|sqlalchemy|tenacity
langchain-chroma=chromadb|langchain-core|numpy
langchain-classic=langchain-core|langchain-text-splitters|langsmith|pydantic|pyyaml|requests|sqlalchemy
langchain-community=aiohttp|dataclasses-json|httpx-sse|langchain|langchain-classic|langchain-core
langchain-community=langchain-|text-splitters|langsmith|numpy|pydantic-settings|pyyaml|requests
langchain-community=sqlalchemy|tenacity
langchain-core=httpx|jsonpatch|langchain-protocol|langsmith|packaging|pydantic|pyyaml|tenacity
langchain-core=typing-|extensions|uuid-utils
langchain-google-genai=filetype|google-genai|langchain-core|pydantic langchain-groq=groq|langchain-core
langchain-huggingface=huggingface-hub|langchain-core|tokenizers
langchain-openai=certifi|langchain-core|openai|tiktoken langchain-protocol=typing-extensions
langchain-text-splitters=langchain-core langdetect=six
langgraph=langchain-core|langgraph-checkpoint|langgraph-prebuilt|langgraph-sdk|pydantic|xxhash
langgraph-checkpoint=langchain-core|ormsgpack langgraph-prebuilt=langchain-core|langgraph-checkpoint
langgraph-sdk=httpx|langchain-core|langchain-protocol|orjson|websockets
langsmith=anyio|distro|httpx2|orjson|packaging|pydantic|requests|requests-toolbelt|sniffio|typing-
langsmith=extensions|uuid-utils|websockets|xxhash|zstandard
lazy-loader=packaging
librosa=decorator|joblib|lazy-loader|msgpack|numba|numpy|pooch|scikit-learn|scipy|soundfile|soxr
lightgbm=narwhals|numpy|scipy
lightning=fsspec|lightning-utilities|packaging|pytorch-lightning|pyyaml|torch|torchmetrics|tqdm
lightning=typing-extensions
lightning-utilities=packaging|typing-extensions
lime=matplotlib|numpy|scikit-image|scikit-learn|scipy|tqdm limits=deprecated|packaging|typing-extensions
litellm=aiohttp|boto3|click|fastuuid|filelock|httpx|huggingface-hub|importlib-metadata|jinja2
litellm=jsonschema|openai|packaging|pydantic|pydantic-settings|python-dotenv|pyyaml|tiktoken
litellm=tokenizers|typing-extensions
llama-index=llama-index-core|llama-index-embeddings-openai|llama-index-llms-openai|llama-index-
llama-index=readers-file|nltk|numpy|openai|pandas|tiktoken
llama-index-core=aiohttp|aiosqlite|banks|dataclasses-json|deprecated|dirtyjson|filetype|fsspec|httpx
llama-index-core=llama-|index-workflows|nest-asyncio|networkx|nltk|numpy|pillow|platformdirs
llama-index-core=pydantic|pyyaml|requests|setuptools|sqlalchemy|tenacity|tiktoken|tinytag|tqdm
llama-index-core=typing-extensions|typing-|inspect|wrapt
llama-index-embeddings-openai=llama-index-core|openai llama-index-instrumentation=deprecated|pydantic
llama-index-llms-openai=llama-index-core|openai
llama-index-workflows=llama-index-instrumentation|pydantic|typing-extensions
logfire=executing|opentelemetry-api|opentelemetry-exporter-otlp-proto-http|opentelemetry-
logfire=instrumentation|opentelemetry-instrumentation-httpx|opentelemetry-sdk|opentelemetry-
logfire=semantic-conventions|protobuf|requests|rich|typing-extensions
mako=markupsafe
marimo=click|docutils|itsdangerous|jedi|loro|markdown|msgspec|narwhals|packaging|psutil|pygments
marimo=pymdown-extensions|python-multipart|pyyaml|pyzmq|starlette|tomlkit|uvicorn|websockets
markdown-it-py=mdurl marshmallow=packaging
matplotlib=contourpy|cycler|fonttools|kiwisolver|numpy|packaging|pillow|pyparsing|python-dateutil
matplotlib-inline=traitlets
mcp=anyio|httpx|httpx-sse|httpx2|jsonschema|mcp-types|opentelemetry-api|pydantic|pydantic-|settings
mcp=pyjwt|python-multipart|sse-starlette|starlette|typing-extensions|typing-|inspection|uvicorn
mcp-types=pydantic|typing-extensions mcp[cli]=python-dotenv|typer mdit-py-plugins=markdown-it-py
mediapipe=absl-py|attrs|certifi|flatbuffers|jax|jaxlib|matplotlib|numpy|opencv-contrib-python
mediapipe=protobuf|sounddevice
minisbd=filelock|numpy|onnxruntime
misaki=addict|espeakng-loader|num2words|phonemizer-fork|regex|spacy|spacy-curated-transformers
mistralai=eval-type-backport|httpx2|jsonpath-python|opentelemetry-api|opentelemetry-semantic-
mistralai=conventions|pydantic|python-dateutil|typing-inspection
ml-dtypes=numpy
mlforecast=cloudpickle|coreforecast|fsspec|narwhals|optuna|pandas|scikit-learn|utilsforecast
mlflow=aiohttp|alembic|cryptography|docker|flask|flask-cors|graphene|gunicorn|huey|matplotlib
mlflow=mlflow-skinny|mlflow-tracing|numpy|pandas|pyarrow|scikit-learn|scipy|skops|sqlalchemy
mlflow-skinny=anyio|cachetools|click|cloudpickle|databricks-sdk|fastapi|gitpython|importlib-metadata
mlflow-skinny=opentelemetry-api|opentelemetry-proto|opentelemetry-sdk|packaging|protobuf|pydantic
mlflow-skinny=python-dotenv|pyyaml|requests|sqlparse|starlette|typing-extensions|uvicorn
mlflow-tracing=cachetools|databricks-sdk|opentelemetry-api|opentelemetry-proto|opentelemetry-sdk
mlflow-tracing=packaging|protobuf|pydantic
motor=pymongo moviepy=decorator|imageio|imageio-ffmpeg|numpy|pillow|proglog|python-dotenv
moviepy[optional]=opencv-python|pygame|scipy msal=cryptography|pyjwt|requests msal-extensions=msal
mtcnn=joblib|lz4 multiprocess=dill nbformat=fastjsonschema|jsonschema|jupyter-core|traitlets
newspaper3k=beautifulsoup4|cssselect|feedfinder2|feedparser|jieba3k|lxml|nltk|pillow|python-dateutil
newspaper3k=pyyaml|requests|tinysegmenter|tldextract
nicegui=aiofiles|aiohttp|anyio|certifi|docutils|fastapi|h11|httpx|idna|ifaddr|itsdangerous|jinja2
nicegui=markdown2|multidict|orjson|pydantic-core|pygments|python-dotenv|python-multipart|python-
nicegui=socketio|starlette|tinycss2|typing-extensions|uvicorn
nltk=click|defusedxml|joblib|regex|tqdm numba=llvmlite|numpy nvidia-cublas=nvidia-cuda-nvrtc
nvidia-cudnn-cu13=nvidia-cublas nvidia-cufft=nvidia-nvjitlink
nvidia-cusolver=nvidia-cublas|nvidia-cusparse|nvidia-nvjitlink nvidia-cusparse=nvidia-nvjitlink
nvidia-nvshmem-cu13=nvidia-cuda-cccl ollama=httpx|pydantic
onnx=ml-dtypes|numpy|protobuf|typing-extensions onnxruntime=flatbuffers|numpy|packaging|protobuf
openai=aiohttp|anyio|distro|httpx|httpx2|jiter|pydantic|requests|sniffio|tqdm|typing-extensions
openai-agents=griffe|mcp|openai|pydantic|requests|types-requests|typing-extensions
openai-whisper=ffmpeg-python|more-itertools|numba|numpy|tiktoken|torch|tqdm
openai[voice-helpers]=numpy|sounddevice openapi-pydantic=pydantic opencv-contrib-python=numpy
opencv-contrib-python-headless=numpy opencv-python=numpy opencv-python-headless=numpy
openenv=openenv-core
openenv-core=fastapi|fastmcp|gradio|httpx|huggingface-hub|openai|pydantic|pyyaml|requests|rich|tomli
openenv-core=tomli-w|typer|uvicorn|websockets
openpyxl=et-xmlfile opentelemetry-api=typing-extensions
opentelemetry-exporter-http-transport=opentelemetry-api|requests
opentelemetry-exporter-otlp-common=opentelemetry-sdk
opentelemetry-exporter-otlp-proto-common=opentelemetry-proto
opentelemetry-exporter-otlp-proto-grpc=googleapis-common-protos|grpcio|opentelemetry-api
opentelemetry-exporter-otlp-proto-grpc=opentelemetry-exporter-otlp-common
opentelemetry-exporter-otlp-proto-grpc=opentelemetry-exporter-otlp-proto-common|opentelemetry-proto
opentelemetry-exporter-otlp-proto-grpc=opentelemetry-sdk|typing-|extensions
opentelemetry-exporter-otlp-proto-http=googleapis-common-protos|opentelemetry-api
opentelemetry-exporter-otlp-proto-http=opentelemetry-exporter-http-transport
opentelemetry-exporter-otlp-proto-http=opentelemetry-exporter-otlp-common
opentelemetry-exporter-otlp-proto-http=opentelemetry-exporter-otlp-proto-common|opentelemetry-|proto
opentelemetry-exporter-otlp-proto-http=opentelemetry-sdk|requests|typing-extensions
opentelemetry-instrumentation=opentelemetry-api|opentelemetry-semantic-conventions|packaging|wrapt
opentelemetry-instrumentation-httpx=opentelemetry-api|opentelemetry-instrumentation
opentelemetry-instrumentation-httpx=opentelemetry-semantic-conventions|opentelemetry-util-http|wrapt
opentelemetry-proto=protobuf
opentelemetry-sdk=opentelemetry-api|opentelemetry-semantic-conventions|typing-extensions
opentelemetry-semantic-conventions=opentelemetry-api|typing-extensions optree=typing-extensions
optuna=alembic|colorlog|numpy|packaging|pyyaml|sqlalchemy|tqdm
osmnx=geopandas|networkx|numpy|pandas|requests|shapely outcome=attrs
paddleocr=beautifulsoup4|lxml|numpy|opencv-python|paddlex|pillow|pyclipper|python-docx|pyyaml
paddleocr=rapidfuzz|requests|scikit-image|shapely|tqdm
pandas=numpy|python-dateutil
pandas-profiling=jinja2|matplotlib|numpy|pandas|pydantic|requests|scipy|seaborn|statsmodels
pandas-ta=numba|numpy|pandas|tqdm
panel=bokeh|linkify-it-py|markdown|markdown-it-py|mdit-py-plugins|narwhals|nh3|packaging|pandas
panel=panel-material-ui|param|pyviz-comms|requests|tqdm|typing-extensions
panel-material-ui=bokeh|packaging|panel
parler-tts=descript-audio-codec|protobuf|sentencepiece|torch|transformers
parsel=cssselect|jmespath|lxml|w3lib parsimonious=regex passlib[argon2]=argon2-cffi
passlib[bcrypt]=bcrypt patsy=numpy|packaging pdf2image=pillow
pdfminer-six=charset-normalizer|cryptography pdfplumber=pdfminer-six|pillow|pypdfium2
peft=accelerate|huggingface-hub|numpy|packaging|psutil|pyyaml|safetensors|torch|tqdm|transformers
pennylane=appdirs|autograd|autoray|cachetools|diastatic-malt|gast|networkx|numpy|packaging
pennylane=pennylane-lightning|requests|rustworkx|scipy|tomlkit|typing-extensions
pennylane-lightning=pennylane|scipy-openblas32 pexpect=ptyprocess
phonemizer-fork=attrs|dlinfo|joblib|segments|typing-extensions pinecone=anyio|httpx|msgspec|orjson
playwright=greenlet plotly=narwhals|packaging polars=polars-runtime-32
pooch=packaging|platformdirs|requests postgrest=deprecation|httpx|pydantic|yarl
praw=defusedxml|prawcore|update-checker|websocket-client prawcore=requests preshed=cymem|murmurhash
prettytable=wcwidth proglog=tqdm prompt-toolkit=wcwidth
prophet=cmdstanpy|holidays|matplotlib|numpy|pandas|tqdm proto-plus=protobuf
psycopg[binary]=psycopg-binary py-ecc=eth-typing|eth-utils
py-key-value-aio=aiofile|anyio|beartype|cachetools|keyring|typing-extensions pyasn1-modules=pyasn1
pyautogen=diskcache|docker|numpy|openai|pydantic|python-dotenv|tiktoken pycares=cffi
pydantic=annotated-types|email-validator|pydantic-core|typing-extensions|typing-inspection
pydantic-ai=pydantic-ai-slim
pydantic-ai-slim=anthropic|anyio|argcomplete|fastmcp-slim|genai-prices|google-genai|griffelib|httpx2
pydantic-ai-slim=logfire|openai|opentelemetry-api|opentelemetry-instrumentation-httpx|prompt-toolkit
pydantic-ai-slim=pydantic|pydantic-evals|pydantic-graph|pyperclip|pyyaml|rich|starlette|tiktoken
pydantic-ai-slim=typing-|inspection|uvicorn
pydantic-core=typing-extensions pydantic-evals=anyio|logfire-api|pydantic|pydantic-ai-slim|pyyaml|rich
pydantic-extra-types=pydantic|typing-extensions
pydantic-graph=anyio|logfire-api|pydantic|typing-inspection
pydantic-settings=pydantic|python-dotenv|typing-extensions|typing-inspection
pydantic[email]=email-validator pydeck=jinja2|numpy pyee=typing-extensions pyjwt=cryptography
pyjwt[crypto]=cryptography pylibsrtp=cffi pymdown-extensions=markdown|pyyaml pymongo=dnspython
pymongo[srv]=dnspython
pymupdf=networkx|numpy|onnxruntime|psutil|pymupdf-layout|pymupdf4llm|pyyaml|tabulate
pyogrio=certifi|numpy|packaging pyopenssl=cryptography|typing-extensions pyproj=certifi
pyrogram=pyaes|pysocks pytesseract=packaging|pillow python-dateutil=six|tzdata
python-docx=lxml|typing-extensions python-engineio=simple-websocket python-jose=ecdsa|pyasn1|rsa
python-jose[cryptography]=cryptography python-pptx=lxml|pillow|typing-extensions|xlsxwriter
python-socketio=aiohttp|bidict|python-engineio python-telegram-bot=httpx
pytorch-lightning=fsspec|lightning-utilities|packaging|pyyaml|torch|torchmetrics|tqdm|typing-extensions
pytrends=lxml|pandas|requests pyvis=ipython|jinja2|jsonpickle|networkx pyviz-comms=param
qdrant-client=grpcio|httpx|numpy|portalocker|protobuf|pydantic|urllib3
qdrant-client[fastembed]=fastembed qiskit=dill|numpy|rustworkx|scipy|stevedore|typing-extensions
ragas=appdirs|datasets|diskcache|instructor|langchain|langchain-community|langchain-core
ragas=langchain-openai|nest-asyncio|networkx|numpy|openai|pillow|pydantic|rich|scikit-network
ragas=tiktoken|tqdm|typer
rank-bm25=numpy rdflib=pyparsing rdkit=numpy|pillow reacton=ipywidgets|typing-extensions
realesrgan=basicsr|facexlib|gfpgan|numpy|opencv-python|pillow|torch|torchvision|tqdm
realtime=httpx|pydantic|typing-extensions|websockets redis[hiredis]=hiredis
referencing=attrs|rpds-py|typing-extensions
rembg=jsonschema|numpy|opencv-python-headless|pillow|pooch|pymatting|scikit-image|scipy|tqdm
rembg[cpu]=onnxruntime rembg[gpu]=onnxruntime-gpu reportlab=charset-normalizer|pillow
requests=certifi|charset-normalizer|idna|pysocks|urllib3 requests-file=requests
requests-oauthlib=oauthlib|requests requests-toolbelt=requests requests[socks]=pysocks
retina-face=gdown|numpy|onnxruntime|opencv-contrib-python-headless|requests rich=markdown-it-py|pygments
rich-click=click|rich rich-rst=pygments|rich rich-toolkit=click|rich|typing-extensions rlp=eth-utils
rouge-score=absl-py|nltk|numpy|six rsa=pyasn1 rustworkx=numpy s3transfer=botocore
sacrebleu=colorama|lxml|numpy|portalocker|regex|tabulate sacremoses=click|joblib|regex|tqdm
safehttpx=httpx scikit-image=imageio|lazy-loader|networkx|numpy|packaging|pillow|scipy|tifffile
scikit-learn=joblib|narwhals|numpy|scipy|threadpoolctl scikit-network=numpy|scipy scipy=numpy
scrapy=aiohttp|backports-zstd|brotli|charset-normalizer|cryptography|cssselect|defusedxml
scrapy=itemadapter|itemloaders|lxml|packaging|parsel|platformdirs|protego|pydispatcher|pyopenssl
scrapy=queuelib|service-identity|tldextract|twisted|w3lib|zope-interface
seaborn=matplotlib|numpy|pandas secretstorage=cryptography|jeepney segments=csvw|regex
selenium=certifi|trio|trio-websocket|typing-extensions|urllib3|websocket-client
sendgrid=cryptography|python-http-client|werkzeug
sentence-transformers=huggingface-hub|numpy|pillow|scikit-learn|scipy|tokenizers|torch|tqdm
sentence-transformers=transformers|typing-|extensions
sentry-sdk=certifi|urllib3 service-identity=attrs|cryptography
shap=cloudpickle|numpy|packaging|pandas|scikit-learn|scipy|slicer|tqdm shapely=numpy
simple-lama-inpainting=fire|numpy|opencv-python|pillow|torch simple-websocket=wsproto
sklearn-compat=scikit-learn skops=numpy|packaging|prettytable|scikit-learn|scipy slowapi=limits
smart-open=requests|wrapt smolagents=huggingface-hub|jinja2|pillow|python-dotenv|requests|rich
snscrape=beautifulsoup4|filelock|lxml|requests solara=solara-server|solara-ui
solara-server=click|filelock|ipykernel|jinja2|jupyter-client|nbformat|rich-click|solara-ui|starlette
solara-server=uvicorn|watchdog|watchfiles|websockets
solara-ui=cachetools|executing|humanize|ipyvue|ipyvuetify|ipywidgets|markdown|numpy|pillow|pygments
solara-ui=pymdown-extensions|reacton|requests
sounddevice=cffi soundfile=cffi|numpy|typing-extensions soxr=numpy
spaces=gradio|httpx|packaging|psutil|pydantic|requests|typing-extensions
spacy=catalogue|click|confection|cymem|jinja2|murmurhash|numpy|packaging|preshed|pydantic|requests
spacy=setuptools|spacy-legacy|spacy-loggers|srsly|thinc|tqdm|typer|wasabi|weasel
spacy-curated-transformers=curated-tokenizers|curated-transformers|torch
sqlalchemy=greenlet|typing-extensions sqlalchemy[asyncio]=greenlet sqlalchemy[postgresql]=psycopg2
srsly=catalogue sse-starlette=anyio|starlette stable-baselines3=cloudpickle|gymnasium|numpy|torch
stable-baselines3[extra]=ale-py|matplotlib|opencv-python|pandas|pillow|psutil|pygame|rich
stable-baselines3[extra]=tensorboard|tqdm
stack-data=asttokens|executing|pure-eval stanio=numpy
stanza=emoji|networkx|numpy|protobuf|requests|torch|tqdm starlette=anyio|typing-extensions
statsmodels=formulaic|numpy|packaging|pandas|patsy|scipy storage3=deprecation|httpx|pydantic|yarl
streamlit=altair|anyio|blinker|cachetools|click|gitpython|importlib-metadata|itsdangerous|jsonschema
streamlit=numpy|packaging|pandas|pillow|protobuf|pyarrow|pydeck|pympler|python-dateutil|python-
streamlit=multipart|pytz|requests|rich|starlette|tenacity|toml|tornado|typing-extensions|tzlocal
streamlit=uvicorn|validators|watchdog|websockets
streamlit-folium=branca|folium|jinja2|streamlit streamlit-option-menu=streamlit
streamlit-webrtc=aioice|aiortc|av|packaging|streamlit stripe=requests|typing-extensions
supabase=httpx|postgrest|realtime|storage3|supabase-auth|supabase-functions|yarl
supabase-auth=httpx|pydantic|pyjwt supabase-functions=httpx|yarl
supervision=av|defusedxml|matplotlib|numpy|pillow|pydeprecate|pyyaml|requests|scipy|tqdm sympy=mpmath
ta=numpy|pandas tavily-python=httpx|requests|tiktoken telethon=pyaes|rsa
tensorboard=absl-py|grpcio|markdown|numpy|packaging|pillow|protobuf|setuptools
tensorboard=tensorboard-data-server|werkzeug
tensorflow=absl-py|astunparse|flatbuffers|gast|google-pasta|grpcio|h5py|keras|libclang|ml-dtypes
tensorflow=numpy|opt-einsum|packaging|protobuf|requests|setuptools|six|tensorboard|termcolor|typing-
tensorflow=extensions|wrapt
tensorflow-cpu=absl-py|grpcio|h5py|keras|numpy|protobuf|requests|six|tensorboard|wrapt textblob=nltk
thinc=blis|catalogue|confection|cymem|murmurhash|numpy|packaging|preshed|pydantic|setuptools|srsly
thinc=wasabi
tifffile=numpy tiktoken=regex|requests timm=huggingface-hub|pyyaml|safetensors|torch|torchvision
tinycss2=webencodings tinyhtml5=webencodings tldextract=filelock|idna|requests|requests-file
tokenizers=huggingface-hub
torch=cuda-bindings|cuda-toolkit|filelock|fsspec|jinja2|networkx|numpy|nvidia-cudnn-cu13|nvidia-
torch=cusparselt-cu13|nvidia-nccl-cu13|nvidia-nvshmem-cu13|setuptools|sympy|triton|typing-
torch=extensions
torchmetrics=lightning-utilities|numpy|packaging|torch torchvision=numpy|pillow|torch
transformers=filelock|huggingface-hub|numpy|packaging|pyyaml|regex|requests|safetensors|tokenizers
transformers=tqdm|typer
transformers[sentencepiece]=protobuf|sentencepiece transformers[torch]=accelerate|torch
trio=attrs|idna|outcome|sniffio|sortedcontainers trio-websocket=outcome|trio|wsproto
trl=accelerate|datasets|huggingface-hub|jinja2|numpy|packaging|pandas|psutil|pyarrow|pyyaml|transformers
tts=flask|gruut|librosa|nltk|numpy|pandas|soundfile|spacy|torch|torchaudio|transformers
tweepy=oauthlib|requests|requests-oauthlib twilio=aiohttp|aiohttp-retry|pyjwt|requests
twisted=attrs|automat|constantly|hyperlink|incremental|typing-extensions|zope-interface
typer=annotated-doc|pydantic|rich|shellingham types-requests=urllib3
typing-inspect=mypy-extensions|typing-extensions typing-inspection=typing-extensions
ultralytics=matplotlib|numpy|nvidia-ml-py|opencv-python|pandas|pillow|polars|psutil|py-cpuinfo
ultralytics=pyyaml|requests|scipy|seaborn|thop|torch|torchvision|tqdm|ultralytics-platform
ultralytics=ultralytics-thop
ultralytics-platform=httpx ultralytics-thop=numpy|torch
unstructured=beautifulsoup4|chardet|dataclasses-json|emoji|filetype|lxml|nltk|python-iso639|python-
unstructured=magic|requests|tabulate
unstructured[pdf]=onnxruntime|opencv-python|pdf2image|pdfminer-six|pikepdf|pypdf|pytesseract
unstructured[pdf]=unstructured-|inference
urllib3=pysocks uvicorn=click|h11
uvicorn[standard]=httptools|python-dotenv|pyyaml|uvloop|watchfiles|websockets vadersentiment=requests
voxcpm=addict|argbind|datasets|einops|funasr|gradio|huggingface-hub|inflect|librosa|modelscope
voxcpm=pydantic|safetensors|simplejson|sortedcontainers|soundfile|spaces|torch|torchaudio|tqdm
voxcpm=transformers|wetext
wandb=click|cwevals|opentelemetry-api|opentelemetry-exporter-otlp-proto-http|opentelemetry-sdk
wandb=packaging|platformdirs|protobuf|pydantic|pyyaml|requests|typing-extensions|xxhash
watchfiles=anyio
weasel=click|cloudpathlib|confection|httpx|packaging|pydantic|smart-open|srsly|typer|wasabi
weasyprint=cffi|cssselect2|fonttools|pillow|pydyf|pyphen|tinycss2|tinyhtml5
weaviate-client=authlib|grpcio|httpx|packaging|protobuf|pydantic|validators
web3=aiohttp|eth-abi|eth-account|eth-hash|eth-typing|eth-utils|hexbytes|pydantic|pyunormalize
web3=requests|websockets
werkzeug=markupsafe wheel=packaging
whisperx=ctranslate2|faster-whisper|nltk|numpy|pandas|pyannote-audio|torch|torchaudio|transformers
wikipedia=beautifulsoup4|requests wordcloud=matplotlib|numpy|pillow wsproto=h11
xgboost=numpy|nvidia-nccl-cu13|scipy yarl=idna|multidict|propcache
yfinance=beautifulsoup4|curl-cffi|lxml|multitasking|numpy|pandas|peewee|platformdirs|protobuf|pytz
yfinance=requests|websockets
yolov5=boto3|fire|gdown|huggingface-hub|matplotlib|numpy|opencv-python|pandas|pillow|requests|scipy
yolov5=seaborn|tensorboard|torch|torchvision|tqdm|ultralytics
"""


def _table() -> dict[str, str]:
    out: dict[str, str] = {}
    for item in _ROWS.split():
        name, _, row = item.partition("=")
        # A long row goes on under the same name.
        out[name] = f"{out[name]} {row}" if name in out else row
    return {name: row.replace("|", " ") for name, row in out.items()}


BRINGS: dict[str, str] = _table()
"""Direct dependencies by name, separated by blanks."""

OLD_GRADIO = (
    "matplotlib",
    "altair",
    "ffmpy",
    "aiohttp",
    "aiofiles",
    "importlib-resources",
    "requests",
    "markdown-it-py",
)
"""What Gradio brought along before 5.0."""

PLATFORM_FIRST = ("datasets", "huggingface-hub", "hf-transfer", "protobuf", "click", "requests")
"""What the platform's build installs in a step of its own, before the requirements."""

PLATFORM = (
    "datasets", "huggingface-hub", "hf-transfer", "protobuf", "click", "requests", "uvicorn",
    "websockets", "spaces",
)  # fmt: skip
"""What the platform's own build installs for gradio and streamlit Spaces beside the SDK (its build logs,
2026)."""


def closure(names: frozenset[str] | set[str]) -> frozenset[str]:
    """`names` (extras as `name[extra]`) and everything they bring along, as far as the table knows."""
    out: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in out:
            continue
        out.add(name)
        if "[" in name:
            todo.append(name.partition("[")[0])
        todo += BRINGS.get(name, "").split()
    return frozenset(out)

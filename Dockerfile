# FACT in a container: docker build -t fact . (CPU), docker build --build-arg TORCH=cuda -t fact . (CUDA).
# For Apptainer: docs/install.md.
FROM python:3.11-slim-bookworm

# cpu, or cuda: the newest CUDA build that the tested torch comes with
ARG TORCH=cpu
ARG UV=0.13.9

# numba and torch.compile call a compiler; git is for the provenance of results
RUN apt-get update \
 && apt-get install --no-install-recommends -y gcc=4:12.2.0-3 libc6-dev=2.36-9+deb12u* git=1:2.39.* \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/fact
COPY envs envs
# an image holds no GPU, so that the backend cannot be found by looking for one
RUN pip install --no-cache-dir "uv==${UV}" \
 && uv pip install --system --no-cache --require-hashes --no-deps -r envs/lock.txt \
 && if [ "$TORCH" = cuda ]; then backend=cu130; else backend=cpu; fi \
 && uv pip install --system --no-cache --torch-backend "$backend" -r envs/torch.txt

COPY . .
RUN uv pip install --system --no-cache --no-deps --no-build-isolation -e . \
 && fact doctor

# results and own images are mounted here
WORKDIR /work
CMD ["fact", "--help"]

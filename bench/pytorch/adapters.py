# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The adapters of compare.py: MiniLM learns what people said of tweets, with LoRA factors on query and value of its six
layers that are kept in different ways. The head, 1,152 numbers, is trained with each of them, the same for all, and is
not counted."""

import json
import statistics
import time

import mcnc
import mcnc.peft
import methods
import tasks
import torch

# chunk_dim of codes with 9 numbers, and how many numbers linear subspace and NOLA have for each factor of 1,536
# elements, which gives their files the size of those with codes.
SIZES = {'10-fold': (96, 150), '80-fold': (768, 50)}
FULL = ('head alone', 'LoRA rank 4, float32', 'LoRA rank 1, int8', 'VeRA, float16')  # of one size alone
COMPRESSED = ('codes', 'linear subspace', 'NOLA')
LEARNING_RATES = {'VeRA, float16': 1e-2, 'codes': 3e-3}
CODES = {'code_dim': 9, 'frequency': 1 << 19, 'shared_beta': True, 'rate': 8}
RATE = 2  # of the random combinations of peers


def jobs():
    """(method, size) of every row."""
    return [(method, '') for method in FULL] + [(method, size) for size in SIZES for method in COMPRESSED]


def data(options):
    train, test = (64, 32) if options.quick else (4000, 2000)
    return tasks.Tweets(options.validate, tasks.minilm_tokenizer(), train, test)


def adapted(seed, rank=4, modules=('query', 'value')):
    import peft
    torch.manual_seed(seed)
    net = tasks.Classifier()
    net.base = peft.get_peft_model(
        net.base, peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=list(modules)))
    return net


def codes(seed, chunk_dim=SIZES['10-fold'][0]):
    net = adapted(seed)
    mcnc.peft.compress(net.base, chunk_dim=chunk_dim, seed=seed, **CODES, verbose=False)
    return net


def combined(method, seed, size):
    """A network whose factors are combinations of random vectors."""
    chunk_dim, number = SIZES[size]
    net = adapted(seed)

    def make(weight, i):
        if method == 'linear subspace':
            chunk = min(4 * chunk_dim, weight.numel())
            return methods.LinearSubspace(weight, chunk, number * chunk / weight.numel(), 100 * seed + i, RATE)
        return methods.Combination(weight.shape, weight.numel(), number, 100 * seed + i, RATE, weight.std().item())

    methods.use(net.base, make, is_factor)
    return net


def is_factor(name):
    return 'lora_' in name


def vera(seed):
    import peft
    torch.manual_seed(seed)
    net = tasks.Classifier()
    net.base = peft.get_peft_model(net.base, peft.VeraConfig(
        r=64, target_modules=['value'], projection_prng_key=seed, save_projection=False))
    return net


def trained(net):
    return {name: p for name, p in net.base.named_parameters() if p.requires_grad}


def make(method, size, seed):
    """The network of one row before training."""
    if method == 'codes':
        return codes(seed, SIZES[size][0])
    if method in COMPRESSED:
        return combined(method, seed, size)
    if method == 'VeRA, float16':
        return vera(seed)
    if method == 'head alone':
        torch.manual_seed(seed)
        return tasks.Classifier()
    net = adapted(seed, 4 if 'rank 4' in method else 1)
    if 'int8' in method:
        methods.use(net.base, lambda weight, number: methods.Int8(), is_factor)
    return net


def bytes_of(net, method, path):
    """How large the file of the adapter is, which has the configuration of PEFT in it, 1.1 kB, whatever the method."""
    if method == 'head alone':
        return 0
    if method in ('codes', 'LoRA rank 4, float32'):
        mcnc.peft.save(net.base, path)
        return path.stat().st_size
    metadata = {'peft.adapter_config': json.dumps(net.base.peft_config['default'].to_dict(), default=list, indent=2)}
    if method == 'VeRA, float16':
        numbers = torch.cat([p.detach().half().flatten() for p in trained(net).values()])
        return len(mcnc.write(None, {'numbers': numbers.numpy()}, metadata=metadata))
    return len(methods.file_of(net, metadata))


def run(task, method, size, seed, rows, epochs, folder):
    """One row of the table."""
    begin = time.perf_counter()
    path = folder / f'adapter-{seed}.mcnc'
    more = {}
    net = make(method, size, seed)
    numbers = sum(p.numel() for p in trained(net).values())
    tasks.train(net, rows, seed, epochs, LEARNING_RATES.get(method, 2e-3))
    if method == 'VeRA, float16':
        with torch.no_grad():
            for p in trained(net).values():
                p.copy_(p.half())
    size_in_bytes = bytes_of(net, method, path)
    if method == 'codes':
        net, more['decode_ms'] = decoded(net, path)
    return {'numbers': numbers, 'bytes': size_in_bytes, 'accuracy': round(rows.accuracy(net), 2),
            'seconds': round(time.perf_counter() - begin), **more}


def decoded(net, path):
    """A network with the adapter of the file and the head of `net`, and the processor's time that decoding into it
    takes, in ms, with all that PEFT does for it. The adapter is what was trained, bit for bit."""
    fresh = tasks.Classifier()
    fresh.head = net.head
    fresh.base = mcnc.peft.load_adapter(fresh.base, path)
    times = []
    for _ in range(9):
        begin = time.process_time()
        mcnc.peft.load_adapter(fresh.base, path)
        times.append(1e3 * (time.process_time() - begin))
    modules = dict(fresh.base.named_modules())
    for name, module in net.base.named_modules():
        if is_factor(name) and torch.nn.utils.parametrize.is_parametrized(module, 'weight'):
            assert torch.equal(module.weight, modules[name].weight), f'{name} is not what was trained'
    return fresh, round(statistics.median(times), 1)

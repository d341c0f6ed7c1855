using FastTcpProxy.Engine.Memory;

namespace FastTcpProxy.Testing.Memory;

/// <summary>
/// Keeps buffers between the simulations of one test, so that thousands of them do not allocate thousands of large arrays. One thread.
/// </summary>
internal sealed class BufferArena
{
    private readonly Stack<byte[]>[] _free = [new(), new(), new()];
    private readonly Dictionary<BufferChunk, byte[]> _out = [];

    public BufferChunk Take(BufferClass bufferClass)
    {
        int size = BufferPool.SizeOf(bufferClass);
        if (!_free[(int)bufferClass].TryPop(out byte[]? memory)) memory = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        BufferChunk chunk = new(memory, 0, size, bufferClass);
        _out.Add(chunk, memory);
        return chunk;
    }

    public void Return(BufferClass bufferClass, BufferChunk chunk)
    {
        if (_out.Remove(chunk, out byte[]? memory)) _free[(int)bufferClass].Push(memory);
    }
}

using System.Collections.Immutable;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>Descriptors that have arrived, in order. Each is owned here until it is taken; Dispose closes the others. One thread at a
/// time.</summary>
internal sealed class ReceivedDescriptors(int capacity) : IDisposable
{
    private readonly List<int> _descriptors = new(capacity);
    private int _taken;

    /// <summary>All that arrived, the taken ones too.</summary>
    public int Count => _descriptors.Count;

    public void Add(int fd) => _descriptors.Add(fd);

    /// <summary>Gives the next ones to the caller.</summary>
    public ImmutableArray<int> Take(int count)
    {
        ImmutableArray<int> next = [.. _descriptors.GetRange(_taken, count)];
        _taken += count;
        return next;
    }

    /// <summary>Gives all that are left to the caller.</summary>
    public ImmutableArray<int> TakeAll() => Take(_descriptors.Count - _taken);

    public void Dispose()
    {
        for (; _taken < _descriptors.Count; _taken++) NativeDescriptor.Close(_descriptors[_taken]);
    }
}

using System.Runtime.InteropServices;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Load;

/// <summary>An epoll instance (epoll(7)), level-triggered. It owns its descriptor and the memory of its events. One thread.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    public const int EventsMax = 512;

    /// <summary>The kernel packs the structure on x86-64 and there only: 4 bytes of events, then 8 of data.</summary>
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly int _dataOffset = EventBytes - sizeof(long);
    private readonly int _fd;
    private readonly byte* _events;
    private bool _hasNanoseconds = true;

    /// <exception cref="LoadException">There is no descriptor left.</exception>
    public Epoll()
    {
        _fd = Libc.epoll_create1(Libc.EpollCloExec);
        if (_fd < 0 && Libc.LastError is var error) throw new LoadException($"no epoll instance: {Libc.Describe(error)}");
        _events = (byte*)NativeMemory.AllocZeroed((nuint)((EventsMax + 1) * EventBytes));
    }

    /// <returns>False when the kernel refused, as for a file, which is always ready.</returns>
    public bool Add(int fd, uint events, int slot) => Change(Libc.EpollAdd, fd, events, slot);

    public void Modify(int fd, uint events, int slot) => Change(Libc.EpollModify, fd, events, slot);

    /// <summary>Waits for events.</summary>
    /// <param name="timeoutNs">0 does not wait.</param>
    /// <returns>How many there are.</returns>
    public int Wait(long timeoutNs)
    {
        int count;
        if (timeoutNs > 0 && timeoutNs < 1_000_000 && _hasNanoseconds)
        {
            long* timeout = stackalloc long[2] { 0, timeoutNs };
            count = Libc.epoll_pwait2(_fd, _events, EventsMax, timeout, null);
            // Before Linux 5.11 there are milliseconds only: it polls then.
            if (count < 0 && Libc.LastError == Libc.Enosys) _hasNanoseconds = false;
        }
        else
        {
            count = Libc.epoll_wait(_fd, _events, EventsMax, (int)(timeoutNs / 1_000_000));
        }
        return Math.Max(count, 0);
    }

    public (int Slot, uint Events) this[int index]
    {
        get
        {
            byte* at = _events + (index * EventBytes);
            return ((int)*(long*)(at + _dataOffset), *(uint*)at);
        }
    }

    public void Dispose()
    {
        _ = Libc.close(_fd);
        NativeMemory.Free(_events);
    }

    private bool Change(int operation, int fd, uint events, int slot)
    {
        // One event more than the kernel fills.
        byte* change = _events + (EventsMax * EventBytes);
        *(uint*)change = events;
        *(long*)(change + _dataOffset) = slot;
        return Libc.epoll_ctl(_fd, operation, fd, change) == 0;
    }
}

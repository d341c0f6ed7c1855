using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// A pipe of the kernel: two descriptors. Belongs to one loop and owns its descriptors.
/// </summary>
internal sealed class KernelPipe : StreamPipe, IDisposable
{
    /// <summary>
    /// What is asked for: 256 slots, of which each takes a piece of up to a page: 1 MiB of whole pages, 370 KiB that came in Ethernet
    /// frames. It is what the kernel allows every user by default (pipe-max-size).
    /// </summary>
    public const int SizeWanted = 1 << 20;

    /// <summary>
    /// What every pipe has, 16 slots, unless the user has too many pipes (pipe-user-pages-soft); with the one or two slots that it has then
    /// splicing costs more than copying.
    /// </summary>
    public const int SizeMin = 64 << 10;

    /// <summary>One for each end.</summary>
    public const int DescriptorsHeld = 2;

    private const int Eperm = 1, Enomem = 12, Einval = 22, Enosys = 38, Eopnotsupp = 95, Enobufs = 105;

    private int _readFd;
    private int _writeFd;
    private bool _isRefused;

    /// <param name="metrics">Where what goes through is counted.</param>
    /// <param name="sizeWanted">What the kernel is asked for; another than <see cref="SizeWanted"/> in tests only.</param>
    public KernelPipe(LoopMetrics metrics, int sizeWanted = SizeWanted)
        : base(metrics)
    {
        if (!NativePipe.TryOpen(out _readFd, out _writeFd)) return;
        NativePipe.Resize(_writeFd, sizeWanted);
        if (NativePipe.SizeOf(_writeFd) < SizeMin) Dispose();
    }

    /// <summary>The room that the kernel gave; 0 without a pipe.</summary>
    public int Size => _writeFd < 0 ? 0 : NativePipe.SizeOf(_writeFd);

    public override bool IsUsable => _writeFd >= 0 && !_isRefused;

    /// <summary>Moves what a socket has received into the empty pipe.</summary>
    public IoResult FillFrom(int fd, int bytesMax)
    {
        Debug.Assert(Bytes == 0, "a pipe is filled that still holds another's bytes");
        IoResult result = ToResult(NativePipe.Splice(fd, _writeFd, bytesMax));
        OnFilled(result.Bytes);
        return result;
    }

    /// <summary>Moves what is in the pipe to a socket, as much as that takes at once.</summary>
    public IoResult DrainTo(int fd)
    {
        IoResult result = ToResult(NativePipe.Splice(_readFd, fd, Bytes));
        OnDrained(result.Bytes);
        return result;
    }

    public void Dispose()
    {
        if (_writeFd < 0) return;
        NativeDescriptor.Close(_readFd);
        NativeDescriptor.Close(_writeFd);
        _readFd = _writeFd = -1;
    }

    protected override int ReadSome(Span<byte> destination) => NativePipe.Read(_readFd, destination);

    private IoResult ToResult(int moved)
    {
        if (moved >= 0) return IoResult.Of(moved);
        switch (-moved)
        {
            case Eperm or Enomem or Einval or Enosys or Eopnotsupp or Enobufs:
                // A kernel, a filter on system calls, or a kind of socket that does not splice; or memory so short that it is no time to.
                // Nothing is lost by it, and it would be no different the next time.
                _isRefused = true;
                return IoResult.Fail(SocketError.OperationNotSupported);
            default:
                return IoResult.Fail(Native.ToSocketError(-moved));
        }
    }
}

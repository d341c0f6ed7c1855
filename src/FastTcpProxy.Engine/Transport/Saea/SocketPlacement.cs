using System.Runtime.CompilerServices;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// Steers the runtime's choice of socket thread. The runtime gives each socket, at the first operation that has to wait, to the next of its
/// epoll threads in turn; setting the counter it counts with just before puts the sockets of one loop on one thread.
/// It is a hint that reaches into the runtime: where the field is missing, or another thread counts at the same moment, a socket lands
/// elsewhere, which costs time and nothing else (see <see cref="Loop.EventLoop"/>). Any thread.
/// </summary>
/// <param name="threads">Of the runtime's sockets. Made before the first socket of the engine.</param>
/// <param name="isPossible">Whether the runtime has the counter.</param>
internal sealed class SocketPlacement(int threads, bool isPossible)
{
    public SocketPlacement(int threads)
        : this(threads, Probe())
    {
    }

    /// <summary>Whether the runtime has the counter, and there is more than one thread to choose from.</summary>
    public bool IsActive { get; } = threads > 1 && isPossible;

    /// <summary>What an operator should know; null: nothing.</summary>
    public string? Trouble { get; } = threads > 1 && !isPossible
        ? $"this .NET runtime ({Environment.Version}) does not let the proxy place sockets on the thread of their loop: "
        + "each connection costs more CPU"
        : null;

    /// <summary>Called right before the first operation of a socket that may wait.</summary>
    public void Steer(int loop)
    {
        if (IsActive) Counter(null!) = loop - 1;
    }

    private static bool Probe()
    {
        try
        {
            _ = Counter(null!);
            return true;
        }
        catch (Exception e) when (e is MissingFieldException or TypeLoadException or MissingMethodException or FieldAccessException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "s_allocateFromEngine")]
    private static extern ref int Counter([UnsafeAccessorType("System.Net.Sockets.SocketAsyncEngine, System.Net.Sockets")] object engine);
}

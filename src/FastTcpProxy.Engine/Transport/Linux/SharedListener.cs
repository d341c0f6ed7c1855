using System.Net.Sockets;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>A listening socket that other processes hold as well. Stateless, any thread but a loop: it searches the process's
/// descriptors.</summary>
public static class SharedListener
{
    /// <summary>
    /// Closes the socket here without any effect on the others: it continues to listen, and its queue stays. An accept in flight fails.
    /// </summary>
    /// <param name="listening">It is closed.</param>
    /// <param name="blank">A stream socket that is bound to nothing. It is closed too.</param>
    public static void Leave(Socket listening, Socket blank)
    {
        ArgumentNullException.ThrowIfNull(listening);
        ArgumentNullException.ThrowIfNull(blank);
        using (blank) Leave(listening, new EventSets(), blank);
    }

    /// <summary>
    /// Closes a socket that nothing was begun with yet, by the plain call: it needs no descriptor, and the runtime's own way would turn on
    /// a reset at close for all who hold the socket.
    /// </summary>
    public static void LeaveUnused(Socket listening)
    {
        ArgumentNullException.ThrowIfNull(listening);
        int fd = (int)listening.SafeHandle.DangerousGetHandle();
        listening.SafeHandle.SetHandleAsInvalid();
        NativeDescriptor.Close(fd);
    }

    /// <summary>
    /// The runtime's own way of closing acts on the socket for everybody: with an accept in flight it shuts the socket down, and turns on a
    /// reset at close (SO_LINGER), which connections accepted later inherit. So the descriptor is made to mean a blank socket first, and
    /// that is what the runtime closes.
    /// </summary>
    internal static void Leave(Socket listening, EventSets eventSets, Socket blank)
    {
        int fd = (int)listening.SafeHandle.DangerousGetHandle();
        eventSets.Remove(fd);
        // At the end of the engine a queue that is still being emptied may outlast the blank socket; then the process ends as well.
        if (!blank.SafeHandle.IsClosed) NativeListener.Replace(fd, (int)blank.SafeHandle.DangerousGetHandle());
        listening.Dispose();
    }
}

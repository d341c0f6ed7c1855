using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// A port that does not answer: a listener that never accepts and whose queue is full, so that the kernel drops each further SYN
/// (listen(2)). One thread; it owns the listener and the connections that fill its queue.
/// </summary>
internal sealed class SilentListener : IDisposable
{
    /// <summary>A queue of backlog 0 takes one connection, on some kernels two; one more than that is never answered.</summary>
    private const int FillersMax = 8;

    /// <summary>A connect on this machine that has not succeeded after this time was dropped.</summary>
    private static readonly TimeSpan AnswerWait = TimeSpan.FromMilliseconds(150);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fillers = [];

    private SilentListener()
    {
    }

    /// <summary>Makes the port silent.</summary>
    /// <exception cref="SocketException">The port is taken, or the queue did not get full.</exception>
    public static SilentListener Start(IPEndPoint address)
    {
        SilentListener silent = new();
        try
        {
            silent._listener.Bind(address);
            silent._listener.Listen(0);
            for (int i = 0; i < FillersMax; i++)
            {
                if (!silent.Fill(address)) return silent;
            }
            throw new SocketException((int)SocketError.IsConnected, "the accept queue did not get full");
        }
        catch
        {
            silent.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (Socket filler in _fillers) filler.Dispose();
        _listener.Dispose();
    }

    /// <summary>One connection more; false when it was not answered.</summary>
    private bool Fill(IPEndPoint address)
    {
        Socket filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        _fillers.Add(filler);
        try
        {
            filler.Connect(address);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return filler.Poll(AnswerWait, SelectMode.SelectWrite);
        }
    }
}

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>What is awaited of a descriptor, and what has come (poll(2), struct pollfd). A negative descriptor is passed over.</summary>
public struct PollFd(int descriptor, short events)
{
    public const short In = 0x1, Out = 0x4, Error = 0x8, PeerEnded = 0x2000;

    public int Descriptor = descriptor;
    public short Events = events;
    public short Returned;
}

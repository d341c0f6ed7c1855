namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>The error numbers that are acted on (errno(3)); the same on all of the machines that the runtime has.</summary>
public static class Errno
{
    public const int Eperm = 1, Enoent = 2, Eintr = 4, Eagain = 11, Enomem = 12, Eacces = 13, Ebusy = 16, Eexist = 17, Einval = 22,
        Enfile = 23, Emfile = 24, Epipe = 32;

    public const int Emsgsize = 90, Eafnosupport = 97, Eaddrinuse = 98, Eaddrnotavail = 99, Enetdown = 100, Enetunreach = 101,
        Econnreset = 104, Enobufs = 105, Enotconn = 107,
        Etimedout = 110, Econnrefused = 111, Ehostdown = 112, Ehostunreach = 113, Einprogress = 115, Ecanceled = 125;
}

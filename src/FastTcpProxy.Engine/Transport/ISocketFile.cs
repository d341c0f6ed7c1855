namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// The file of a UNIX socket that this process listens on. Any thread but a loop, one at a time: it asks the file system. Only a loop that
/// binds a lost socket again calls <see cref="Renew"/>.
/// </summary>
internal interface ISocketFile
{
    /// <summary>Which file it is; null where the kernel does not tell.</summary>
    FileIdentity? Identity { get; }

    /// <summary>What was asked for last.</summary>
    SocketPermissions Permissions { get; }

    /// <summary>Whether clients still find it.</summary>
    SocketFileState State { get; }

    /// <summary>
    /// Gives the file the mode and the group that are asked for. What is no longer asked for is set back to what a bind makes; what never
    /// was is left alone.
    /// </summary>
    /// <exception cref="BindException">It cannot be done; the message says why, and what to do. Nothing has changed, or only the
    /// group.</exception>
    void Apply(SocketPermissions permissions);

    /// <summary>Mode and group as they were found, for the process that the socket came from.</summary>
    void SetBack();

    /// <summary>Removes the file, if it is still this socket's.</summary>
    void TryRemove();

    /// <summary>The socket has been bound again at its path, with these permissions: that file is the one from now on.</summary>
    void Renew();
}

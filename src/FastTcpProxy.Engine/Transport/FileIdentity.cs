namespace FastTcpProxy.Engine.Transport;

/// <summary>What tells one file from another that takes its name, and even its inode, later. Immutable.</summary>
/// <param name="IsSocket">Whether it is a UNIX socket.</param>
/// <param name="Device">Of the file system.</param>
/// <param name="Inode">Free for the next file as soon as this one is removed.</param>
/// <param name="BirthSeconds">When it was made; 0 where the file system does not keep it.</param>
/// <param name="BirthNanoseconds">The rest of it.</param>
public readonly record struct FileIdentity(bool IsSocket, ulong Device, ulong Inode, long BirthSeconds, uint BirthNanoseconds);

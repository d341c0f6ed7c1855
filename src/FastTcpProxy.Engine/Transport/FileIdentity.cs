namespace FastTcpProxy.Engine.Transport;

/// <summary>The identity of a file, which tells it from a later file with the same name and even the same inode. Immutable.</summary>
/// <param name="IsSocket">Whether it is a UNIX socket.</param>
/// <param name="Device">Of the file system.</param>
/// <param name="Inode">Free for the next file as soon as this one is removed.</param>
/// <param name="BirthSeconds">When it was made; 0 where the file system does not keep it.</param>
/// <param name="BirthNanoseconds">The rest of it.</param>
public readonly record struct FileIdentity(bool IsSocket, ulong Device, ulong Inode, long BirthSeconds, uint BirthNanoseconds);

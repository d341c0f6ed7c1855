using System.Buffers;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>How a session's record becomes a line. Used by the one thread that writes the log.</summary>
internal interface ISessionFormat
{
    /// <summary>Writes the record as one line of UTF-8, newline included.</summary>
    void Write(in SessionRecord record, IBufferWriter<byte> output);
}

using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// Where sessions are logged, and in which form, as one configuration says. Made by any thread, then used by the thread of the log. It owns
/// both.
/// </summary>
internal sealed record SessionLogRoute(ISessionFormat Format, IByteSink Sink) : IDisposable
{
    /// <exception cref="LogTargetException">The file cannot be written.</exception>
    public static SessionLogRoute Open(LogConfiguration log, SessionIds ids, TimeProvider time)
    {
        ISessionFormat format = log.Format switch
        {
            LogFormatSetting.Tcplog => new TcpLogSessionFormat(TimeZoneInfo.Local),
            LogFormatSetting.TcplogId => new TcpLogSessionFormat(TimeZoneInfo.Local, ids),
            _ => new JsonSessionFormat(ids),
        };
        LogTarget target = log.Target;
        switch (target.Kind)
        {
            case LogTargetKind.File:
                return new SessionLogRoute(format, LogFile.Open(target.Path!, log.FileMode, time));
            case LogTargetKind.Syslog:
                SyslogSocket socket = EventRoute.OpenSocket(target, time);
                SyslogHeader header = new(log.Syslog, log.Facility, socket.IsRemote);
                return new SessionLogRoute(new SyslogSessionFormat(format, header), new SyslogSink(socket, EventRoute.Place(target)));
            default:
                return new SessionLogRoute(format, StandardStream.Output());
        }
    }

    public void Dispose()
    {
        (Format as IDisposable)?.Dispose();
        Sink.Dispose();
    }
}

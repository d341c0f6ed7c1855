using Xunit;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// Skips a test, by name and reason, when a program that it needs is not installed or its rights are missing; where the environment
/// variable CI is "true" that is a failure, so that no test stays away there without being noticed. Any thread; it holds nothing.
/// </summary>
public static class RequiresPeer
{
    public const string HAProxyPath = "/usr/sbin/haproxy";
    public const string NginxPath = "/usr/sbin/nginx";
    public const string NginxStreamModulePath = "/usr/lib/nginx/modules/ngx_stream_module.so";
    public const string ApachePath = "/usr/sbin/apache2";
    public const string ApacheModulesPath = "/usr/lib/apache2/modules";
    public const string DovecotPath = "/usr/sbin/dovecot";
    public const string DovecotImapPath = "/usr/lib/dovecot/imap-login";
    public const string PostfixPath = "/usr/sbin/postfix";
    public const string MariadbPath = "/usr/sbin/mariadbd";
    public const string MariadbClientPath = "/usr/bin/mariadb";
    public const string MariadbInstallPath = "/usr/bin/mariadb-install-db";
    public const string SetprivPath = "/usr/bin/setpriv";
    public const string NftPath = "/usr/sbin/nft";
    public const string IpPath = "/usr/sbin/ip";
    public const string RsyslogPath = "/usr/sbin/rsyslogd";
    public const string LogrotatePath = "/usr/sbin/logrotate";
    public const string CurlPath = "/usr/bin/curl";
    public const string SystemdAnalyzePath = "/usr/bin/systemd-analyze";
    public const string SystemdSocketActivatePath = "/usr/bin/systemd-socket-activate";
    public const string NodePath = "/usr/bin/node";
    public const string NpmPath = "/usr/bin/npm";
    public const string PrometheusPath = "/usr/bin/prometheus";
    public const string PromtoolPath = "/usr/bin/promtool";
    public const string SystemdUnitsPath = "/lib/systemd/system";

    public static void HAProxy() => Installed("HAProxy", "haproxy", HAProxyPath);

    public static void Nginx() => Installed("nginx", "nginx", NginxPath);

    public static void NginxStream()
    {
        Nginx();
        Installed("the stream module of nginx", "libnginx-mod-stream", NginxStreamModulePath);
    }

    public static void Apache()
    {
        Installed("Apache", "apache2", ApachePath);
        Installed("mod_remoteip of Apache", "apache2", ApacheModulesPath + "/mod_remoteip.so");
    }

    public static void Dovecot()
    {
        Installed("Dovecot", "dovecot-imapd", DovecotPath);
        Installed("the IMAP server of Dovecot", "dovecot-imapd", DovecotImapPath);
        Root("Dovecot");
    }

    public static void Postfix()
    {
        Installed("Postfix", "postfix", PostfixPath);
        Root("Postfix");
    }

    public static void Mariadb()
    {
        Installed("MariaDB", "mariadb-server", MariadbPath);
        Installed("the client of MariaDB", "mariadb-client", MariadbClientPath);
    }

    public static void Postgresql()
    {
        Installed("PostgreSQL", "postgresql", PostgresqlPath("postgres"));
        Root("PostgreSQL");
    }

    /// <summary>A program of the newest PostgreSQL that is installed; a path that leads nowhere when there is none.</summary>
    public static string PostgresqlPath(string program)
    {
        const string versions = "/usr/lib/postgresql";
        var newest = Directory.Exists(versions)
            ? Directory.GetDirectories(versions).MaxBy(path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0)
            : null;
        return Path.Combine(newest ?? versions, "bin", program);
    }

    public static void Rsyslog()
    {
        Installed("rsyslog", "rsyslog", RsyslogPath);
        Root("rsyslog");
    }

    public static void Logrotate()
    {
        Installed("logrotate", "logrotate", LogrotatePath);
        Root("logrotate");
    }

    public static void Curl() => Installed("curl", "curl", CurlPath);

    public static void Prometheus()
    {
        Installed("Prometheus", "prometheus", PrometheusPath);
        Installed("promtool", "prometheus", PromtoolPath);
    }

    /// <summary>Node.js, and its package manager.</summary>
    public static void Npm()
    {
        Installed("Node.js", "nodejs", NodePath);
        Installed("npm", "npm", NpmPath);
    }

    /// <summary>The tools of systemd; it need not run.</summary>
    public static void Systemd()
    {
        Installed("systemd-analyze", "systemd", SystemdAnalyzePath);
        Installed("systemd-socket-activate", "systemd", SystemdSocketActivatePath);
    }

    /// <summary>nftables, for <see cref="Net.PacketDrop"/>.</summary>
    public static void PacketFilter()
    {
        Installed("nftables", "nftables", NftPath);
        Root("nftables");
    }

    /// <summary>A network of its own for the program, for <see cref="Processes.ProxyOptions.OwnNetwork"/>.</summary>
    public static void OwnNetwork()
    {
        Installed("ip", "iproute2", IpPath);
        Root("a network of its own");
    }

    /// <summary>What the test of <paramref name="kind"/> needs.</summary>
    public static void Receiver(ReceiverKind kind)
    {
        switch (kind)
        {
            case ReceiverKind.HAProxy:
                HAProxy();
                break;
            case ReceiverKind.Nginx:
                Nginx();
                break;
            case ReceiverKind.Apache:
                Apache();
                break;
            case ReceiverKind.Dovecot:
                Dovecot();
                break;
            case ReceiverKind.Postfix:
                Postfix();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such receiver");
        }
    }

    private static bool InCi => Environment.GetEnvironmentVariable("CI") == "true";

    private static void Installed(string peer, string package, string path) =>
        Require(File.Exists(path), $"{peer} is not installed: {path} is missing (Debian package {package})");

    private static void Root(string peer) => Require(Environment.IsPrivilegedProcess, $"{peer} needs root to be started by a test");

    /// <summary>Skips the test, or in CI fails it, unless the condition holds.</summary>
    public static void Require(bool condition, string reason)
    {
        if (InCi)
            Assert.True(condition, reason);
        Assert.SkipUnless(condition, reason);
    }
}

using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace FastTcpProxy.Control.Connections;

/// <summary>
/// Certificates from files, each file once in memory however many upstreams are checked with it: a system's list of authorities has some
/// hundred kilobytes, and there can be a thousand upstreams. A file that has changed is read again by the next caller. What no connection
/// uses any more is released. Any thread.
/// </summary>
public sealed class CertificateFiles
{
    private readonly ConcurrentDictionary<(string Path, string? KeyPath, DateTime Changed), WeakReference<object>> _loaded = new();

    /// <summary>The one of the process. Its content follows from the files alone, so sharing it has no effect that shows.</summary>
    public static CertificateFiles Shared { get; } = new();

    /// <summary>The files that are in memory.</summary>
    internal int Count => _loaded.Count(entry => entry.Value.TryGetTarget(out _));

    /// <summary>The certificates of a PEM file.</summary>
    /// <exception cref="CertificateFileException">It cannot be read, or holds none.</exception>
    public X509Certificate2Collection Authorities(string path) => Get(path, null, static (path, _) =>
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new InvalidDataException("it contains no certificate");
    });

    /// <summary>A certificate with its key, and the certificates between it and its issuer.</summary>
    /// <param name="keyPath">Null: the key is in the same file.</param>
    /// <exception cref="CertificateFileException">A file cannot be read, or the two do not belong together.</exception>
    public SslStreamCertificateContext Identity(string path, string? keyPath) => Get(path, keyPath, static (path, keyPath) =>
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(path, keyPath);
        X509Certificate2Collection all = [];
        all.ImportFromPemFile(path);
        // Offline: no certificate that is missing is fetched over the network.
        return SslStreamCertificateContext.Create(certificate, all, offline: true);
    });

    /// <summary>Without the path, which is named beside it, and without the stop, behind which more may stand.</summary>
    private static string Why(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "permission denied",
        _ => failure.Message.TrimEnd('.'),
    };

    private T Get<T>(string path, string? keyPath, Func<string, string?, T> load)
        where T : class
    {
        try
        {
            var key = (path, keyPath, File.GetLastWriteTimeUtc(path));
            if (_loaded.TryGetValue(key, out WeakReference<object>? known) && known.TryGetTarget(out object? found) && found is T value)
                return value;
            value = load(path, keyPath);
            foreach (var entry in _loaded)
            {
                if (!entry.Value.TryGetTarget(out _)) _loaded.TryRemove(entry);
            }
            _loaded[key] = new WeakReference<object>(value);
            return value;
        }
        catch (Exception e)
        {
            // The platform throws types of many kinds for a bad file.
            throw new CertificateFileException($"the file {path} cannot be used: {Why(e)}", e);
        }
    }
}

/// <summary>A file gives no certificate; the message names the file and says why.</summary>
public sealed class CertificateFileException(string message, Exception inner) : Exception(message, inner);

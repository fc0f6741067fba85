using System.Text.Json;
using Lvsctl.Core.Preparation;

namespace Lvsctl.Director.Preparation;

/// <summary>
/// Keeps the record of one network namespace in a file: several namespaces share /run. Anyone may read it (it holds nothing that the
/// host does not show to everyone), so that --print needs no privilege.
/// </summary>
public sealed class PreparationStore(string directory, string networkNamespace, string boot)
{
    const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101;
    const UnixFileMode FileMode = (UnixFileMode)0b110_100_100;

    public string Path { get; } = System.IO.Path.Combine(directory, $"realserver.{networkNamespace}.json");

    /// <summary>Keeps other runs out until it is disposed. The lock goes with the process, whatever becomes of it.</summary>
    /// <exception cref="PreparationException">Another run holds it, or it cannot be had.</exception>
    public IDisposable Lock()
    {
        try
        {
            Directory.CreateDirectory(directory, DirectoryMode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(directory, e);
        }

        var path = System.IO.Path.ChangeExtension(Path, ".lock");
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = System.IO.FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = FileMode,
            });
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotWritable(path, e);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new PreparationException(PreparationProblem.Locked, $"another lvsctl prepares this host at the moment (it holds {path}); try again", e);
        }
        catch (IOException e)
        {
            throw NotWritable(path, e);
        }
    }

    /// <exception cref="PreparationException">The file cannot be read or understood.</exception>
    public PreparationRecord Read()
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return PreparationRecord.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PreparationException(PreparationProblem.Record, $"cannot read {Path}: {e.Message}", e);
        }

        try
        {
            var document = JsonSerializer.Deserialize(text, RecordJson.Default.RecordDocument) ?? throw new FormatException("it is empty");
            return document.Boot == boot ? document.ToRecord() : PreparationRecord.Empty;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new PreparationException(PreparationProblem.Record,
                $"{Path} is damaged ({e.Message}): what this host was like before it was prepared is unknown; "
                    + "set the host as you want it by hand, then delete the file", e);
        }
    }

    /// <summary>Whole or not at all, and on the disk before this returns: what follows changes the host.</summary>
    /// <exception cref="PreparationException">The file cannot be written.</exception>
    public void Write(PreparationRecord record)
    {
        try
        {
            if (record.IsEmpty)
            {
                File.Delete(Path);
                return;
            }
            var draft = Path + ".new";
            File.Delete(draft);
            using (var file = new FileStream(draft, new FileStreamOptions
            {
                Mode = System.IO.FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = FileMode,
            }))
            {
                JsonSerializer.Serialize(file, RecordDocument.From(record, boot), RecordJson.Default.RecordDocument);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, Path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(Path, e);
        }
    }

    static PreparationException NotWritable(string path, Exception cause) => new(
        cause is UnauthorizedAccessException ? PreparationProblem.NotPermitted : PreparationProblem.Record,
        $"cannot write {path}: {(cause is UnauthorizedAccessException ? "permission denied; run as root, or choose another directory with --state-dir" : cause.Message)}",
        cause);
}

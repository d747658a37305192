import { User } from "lucide-react";
import { useState } from "react";

type Props = { src: string | null | undefined; size: number; round?: boolean; alt?: string; className?: string };

/** A face's square picture; where there is none or it cannot be read, a quiet mark in its place. */
export function Face({ src, size, round, alt = "", className }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  const style = { width: size, height: size, borderRadius: round ? "50%" : size < 26 ? 5 : undefined };
  if (!src || broken === src) {
    return (
      <span
        className={`face none ${className ?? ""}`}
        style={style}
        role={alt ? "img" : undefined}
        aria-label={alt || undefined}
      >
        <User size={Math.round(size * 0.55)} aria-hidden />
      </span>
    );
  }
  return (
    // The error handler swaps the picture; nobody interacts with it.

    <img
      className={`face ${className ?? ""}`}
      style={style}
      src={src}
      alt={alt}
      width={size}
      height={size}
      loading="lazy"
      decoding="async"
      onError={() => setBroken(src)}
    />
  );
}
